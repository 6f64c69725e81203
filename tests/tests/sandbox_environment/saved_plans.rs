//! Plans that are kept in a file, agreed to, and carried out later, or not at all.

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    a_saved_plan_is_carried_out_without_another_question,
    a_plan_that_the_configuration_has_left_behind_is_refused,
    a_plan_that_was_carried_out_before_is_refused,
    what_is_no_plan_is_refused,
];

fn a_saved_plan_is_carried_out_without_another_question() -> Shown {
    let desk = Desk::new()?;
    desk.run("plan --out first.plan").ends_with(0)?;
    desk.run("up --plan first.plan").ends_with(0)?.says(&["37 to create"])?;
    desk.place.edit("default.toml", "retention_days = 3\n", "retention_days = 7\n")?;
    desk.run("plan --out second.plan").ends_with(0)?;
    desk.run("up --plan second.plan").ends_with(0)?.says(&["1 to update"])?;
    desk.is_settled()?;
    Ok(())
}

fn a_plan_that_the_configuration_has_left_behind_is_refused() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", "retention_days = 3\n", "retention_days = 7\n")?;
    desk.run("plan --out old.plan").ends_with(0)?;
    desk.place.edit("default.toml", "desired_count = 1\n", "desired_count = 2\n")?;
    let before = desk.snapshot()?;
    // Agreeing to everything is not agreeing to something else than the plan.
    for command in ["up --plan old.plan", "up --yes --plan old.plan"] {
        desk.run(command).ends_with(2)?.says(&["not what would be done now", "plan --out"])?;
    }
    desk.is_unchanged_since(&before)?;
    Ok(())
}

fn a_plan_that_was_carried_out_before_is_refused() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", "retention_days = 3\n", "retention_days = 7\n")?;
    desk.run("plan --out old.plan").ends_with(0)?;
    desk.run("up --plan old.plan").ends_with(0)?;
    desk.place.edit("default.toml", "\nretention_days = 7\n", "\nretention_days = 14\n")?;
    desk.run("up --plan old.plan").ends_with(2)?.says(&["not what would be done now"])?;
    assert_eq!(desk.world()?.living("logs", "groups")[0]["retention"], 7);
    Ok(())
}

fn what_is_no_plan_is_refused() -> Shown {
    let desk = Desk::new()?;
    std::fs::write(desk.place.path("no.plan"), "{}")?;
    desk.run("up --plan no.plan").ends_with(2)?.says(&["no.plan", "not a plan"])?;
    desk.run("up --plan missing.plan").ends_with(1)?.says(&["missing.plan"])?;
    assert!(!desk.beside_state("json").exists());
    Ok(())
}

//! Edits that AWS allows on a new resource only, and what has to go with the old one.

use sidekick_tests::world::World;

use crate::desk::{Desk, steps};
use crate::secrets::value;
use crate::{Shown, trials};

trials![
    a_replacement_names_its_cause_and_takes_along_what_holds_it,
    what_can_stand_beside_the_old_one_is_made_first,
    data_is_lost_only_where_that_was_agreed_to,
    a_secret_of_another_name_needs_agreement_and_disrupts_nothing,
    another_vpc_replaces_everything_in_it_and_needs_agreement_for_the_data,
];

fn a_replacement_names_its_cause_and_takes_along_what_holds_it() -> Shown {
    let desk = Desk::up()?;
    let census = desk.world()?.census();
    desk.place.edit("default.toml", "\"{name}-cluster\"", "\"{name}-cluster-2\"")?;
    let forced = "name: sidekick-cluster → sidekick-cluster-2  (forces the replacement)";
    let plan = desk.run("plan").ends_with(0)?.says(&[forced])?;
    let line = plan.stdout.lines().find(|line| line.contains("replace  compute.service"));
    let held = "compute.cluster cannot be replaced while it exists";
    assert!(line.is_some_and(|line| line.contains(held)), "the service goes along:\n{plan}");
    assert_eq!(desk.planned()?, steps(&[("compute.cluster", "replace"), ("compute.service", "replace")]));
    desk.brings("up")?.says(&["2 to replace"])?;
    desk.is_settled()?;
    assert_eq!(desk.world()?.census(), census, "nothing of the replaced ones is left");
    Ok(())
}

fn what_can_stand_beside_the_old_one_is_made_first() -> Shown {
    let desk = Desk::up()?;
    let before = desk.world()?;
    desk.place.edit("default.toml", "\"{name}-tg\"", "\"{name}-tg-2\"")?;
    let plan = desk.run("plan").ends_with(0)?.says(&["(the new one is made first)"])?;
    assert!(!plan.stdout.contains("replace  compute.service"), "the service goes on:\n{plan}");
    let expected =
        [("compute.service", "follow"), ("edge.http-listener", "follow"), ("edge.target-group", "replace")];
    assert_eq!(desk.planned()?, steps(&expected));
    desk.brings("up")?;
    desk.is_settled()?;
    let after = desk.world()?;
    assert_eq!(after.census(), before.census(), "the old one is gone");
    let created = |world: &World| world.living("ecs", "services")[0]["created"].clone();
    assert_eq!(created(&after), created(&before), "it is the same service");
    Ok(())
}

fn data_is_lost_only_where_that_was_agreed_to() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", "name = \"sequence_sidekick\"", "name = \"another_name\"")?;
    let before = desk.snapshot()?;
    let refusal = ["data.postgres", "its data would be lost", "--replace data.postgres"];
    desk.run("plan").ends_with(1)?.says(&refusal)?.says(&["database: sequence_sidekick → another_name"])?;
    desk.run("up --yes").ends_with(1)?.says(&refusal)?;
    desk.run("up --yes --replace data.redis").ends_with(1)?.says(&refusal)?;
    let slip = [
        "there is no data.postgers, neither in the configuration nor on record",
        "did you mean `data.postgres`?",
    ];
    desk.run("up --yes --replace data.postgers --replace data.postgres").ends_with(2)?.says(&slip)?;
    // All that is in the way is told at once: what must not be done, and what the account does not let be done.
    desk.place.edit("default.toml", "db.t4g.micro", "db.t4g.nano")?;
    desk.run("up --yes").ends_with(2)?.says(&refusal)?.says(&["RDS does not offer db.t4g.nano"])?;
    desk.place.edit("default.toml", "db.t4g.nano", "db.t4g.micro")?;
    desk.is_unchanged_since(&before)?;

    desk.run("up --yes --replace data.postgres").ends_with(0)?;
    desk.is_settled()?;
    let world = desk.world()?;
    let [database] = world.living("rds", "instances")[..] else { return Err("one database".into()) };
    assert_eq!(database["database"], "another_name");
    Ok(())
}

fn a_secret_of_another_name_needs_agreement_and_disrupts_nothing() -> Shown {
    let desk = Desk::up()?;
    let before = value(&desk, "sidekick/postgres/credentials")?;
    desk.place.edit("default.toml", "\"{name}/postgres/credentials\"", "\"{name}/database\"")?;
    let words = [
        "(the new one is made first)",
        "(once data.postgres-secret is known)",
        "(once data.postgres-password, data.postgres-secret are known)",
        "--replace data.postgres-secret",
    ];
    let plan = desk.run("plan").ends_with(1)?.says(&words)?;
    assert!(!plan.text().contains("disrupts:"), "its value is there as long as it is:\n{plan}");
    desk.run("up --yes").ends_with(1)?.says(&["--replace data.postgres-secret"])?;
    desk.run("up --yes --replace data.postgres-secret")
        .ends_with(0)?
        .says(&["AWS is applying the password"])?;
    desk.is_settled()?;
    assert_ne!(value(&desk, "sidekick/database")?["password"], before["password"]);
    assert_eq!(desk.world()?.living("secretsmanager", "secrets").len(), 3, "the old one is gone");
    Ok(())
}

fn another_vpc_replaces_everything_in_it_and_needs_agreement_for_the_data() -> Shown {
    let desk = Desk::up()?;
    let census = desk.world()?.census();
    desk.place.edit("default.toml", "vpc_cidr = \"10.0.0.0/16\"", "vpc_cidr = \"10.0.0.0/17\"")?;
    let agreed = ["--replace network.vpc", "--replace data.postgres", "--replace data.redis"];
    desk.run("up --yes").ends_with(1)?.says(&agreed)?.says(&["cidr: 10.0.0.0/16 → 10.0.0.0/17"])?;
    desk.run(&format!("up --yes {}", agreed.join(" "))).ends_with(0)?;
    desk.is_settled()?;
    assert_eq!(desk.world()?.census(), census, "everything is there once");
    Ok(())
}

//! The production environment: kept from loss, and restorable.

use crate::desk::Desk;
use crate::secrets::value;
use crate::{Shown, trials};

trials![
    protection_stops_down_before_anything_is_deleted,
    how_a_standing_environment_is_to_be_deleted_may_be_changed,
    deleted_secrets_come_back_with_the_passwords_they_had,
    two_environments_of_one_folder_keep_out_of_each_others_way,
];

/// The environment's own file overrides its profile.
fn unprotect(desk: &Desk) -> Shown {
    let off = "[database]\ndeletion_protection = false\n\n[alb]\ndeletion_protection = false\n\n[tags]";
    Ok(desk.place.edit("prod.toml", "[tags]", off)?)
}

fn protection_stops_down_before_anything_is_deleted() -> Shown {
    let desk = Desk::of("prod")?;
    desk.brings("up")?;
    let before = desk.snapshot()?;
    desk.run("down --yes").ends_with(1)?.says(&[
        "data.postgres",
        "`database.deletion_protection` is on",
        "edge.alb",
        "turn the protection off in the configuration",
    ])?;
    desk.is_unchanged_since(&before)?;

    unprotect(&desk)?;
    desk.brings("up")?.says(&["deletion_protection: true → false", "2 to update"])?;
    desk.brings("down")?;
    let world = desk.world()?;
    let left = [("rds snapshots".to_owned(), 1), ("secretsmanager secrets".to_owned(), 3)];
    assert_eq!(
        world.census(),
        left.into(),
        "the final snapshot, and the secrets that wait for their deletion"
    );
    assert!(world.living("rds", "snapshots")[0]["id"].as_str().is_some_and(|id| id.contains("-final-")));
    Ok(())
}

fn deleted_secrets_come_back_with_the_passwords_they_had() -> Shown {
    let desk = Desk::of("prod")?;
    unprotect(&desk)?;
    desk.brings("up")?;
    let before = value(&desk, "sidekick/postgres/credentials")?;
    desk.brings("down")?;
    assert!(value(&desk, "sidekick/postgres/credentials").is_err(), "nobody can read it now");
    desk.brings("up")?;
    desk.is_settled()?;
    let after = value(&desk, "sidekick/postgres/credentials")?;
    assert!(before["password"].as_str().is_some_and(|password| password.len() == 40));
    assert!(after["password"] == before["password"], "the password is that of before");
    Ok(())
}

fn two_environments_of_one_folder_keep_out_of_each_others_way() -> Shown {
    let desk = Desk::up()?;
    let (state, census) = (desk.state()?, desk.world()?.census());
    let prod = ["-e", "prod", "--sandbox", "--sandbox-speed", "300", "up", "--yes"];
    desk.place.sidekick(&prod).ends_with(0)?;
    assert_eq!(desk.state()?, state);
    assert_eq!(desk.world()?.census(), census);
    desk.is_settled()?;
    Ok(())
}

/// Nothing in AWS tells how something is to be deleted, and what was asked for last counts.
fn how_a_standing_environment_is_to_be_deleted_may_be_changed() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", "final_snapshot = false", "final_snapshot = true")?;
    desk.place.edit("default.toml", "recovery_window_days = 0", "recovery_window_days = 7")?;
    desk.run("plan").ends_with(0)?.says(&[
        "final_snapshot: false → true",
        "recovery_window_days: 0 → 7",
        "Plan: 4 to update",
    ])?;
    desk.brings("up")?;
    desk.is_settled()?;
    desk.brings("down")?;
    let left = [("rds snapshots".to_owned(), 1), ("secretsmanager secrets".to_owned(), 3)];
    assert_eq!(desk.world()?.census(), left.into());
    Ok(())
}

//! The states that are kept beside the state file, and what becomes of a run when one of them is brought back.

use std::error::Error;
use std::fs;

use serde_json::Value;

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    the_states_that_runs_begin_and_end_with_are_kept,
    the_state_of_a_killed_run_is_kept_by_the_next_one,
    an_older_copy_over_a_newer_state_is_refused_until_a_state_is_restored,
    an_older_state_is_brought_up_to_date_by_the_tags,
    a_broken_state_file_is_set_aside_and_the_last_good_one_comes_back,
    a_lost_state_file_is_missed_by_down,
    a_state_that_is_not_kept_names_those_that_are,
    a_state_is_not_restored_under_a_run,
];

/// Makes one change, and brings the environment to it.
fn changes(desk: &Desk, old: u32, new: u32) -> Shown {
    let retention = |days| format!("retention_days = {days}\n");
    desk.place.edit("default.toml", &retention(old), &retention(new))?;
    desk.brings("up")?.says(&["1 to update"])?;
    Ok(())
}

fn serial(state: &[u8]) -> Result<u64, Box<dyn Error>> {
    Ok(serde_json::from_slice::<Value>(state)?["serial"].as_u64().ok_or("a state has a serial")?)
}

/// The serials of the kept states, newest first.
fn serials(desk: &Desk) -> Result<Vec<u64>, Box<dyn Error>> {
    Ok(desk.kept()?.iter().filter_map(|kept| kept["serial"].as_u64()).collect())
}

fn the_states_that_runs_begin_and_end_with_are_kept() -> Shown {
    let desk = Desk::new()?;
    desk.run("state history").ends_with(0)?;
    desk.run("plan").ends_with(0)?;
    assert_eq!(desk.kept()?, [Value::Null; 0], "a plan keeps nothing");
    let mut expected = Vec::new();
    desk.brings("up")?;
    expected.insert(0, serial(&desk.state()?)?);
    desk.brings("up")?;
    assert_eq!(serials(&desk)?, expected, "what did not change is kept once");
    changes(&desk, 3, 7)?;
    expected.insert(0, serial(&desk.state()?)?);
    assert_eq!(serials(&desk)?, expected);

    let kept = desk.kept()?;
    assert_eq!((&kept[0]["present"], &kept[1]["present"]), (&true.into(), &false.into()));
    assert_eq!((&kept[0]["resources"], kept[0]["kept_at"].is_string()), (&37.into(), true));
    let listed = desk.run("state history").ends_with(0)?;
    let lines: Vec<_> = listed.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert!(lines[0].starts_with(&expected[0].to_string()) && lines[0].contains("37 resources"), "{listed}");
    assert!(lines[0].contains("present") && !lines[1].contains("present"), "{listed}");

    // A run that fails keeps what it ends with as well.
    let mut run = desk.run("down --yes").start()?;
    run.wait_until(|printed| printed.contains("gone after"))?;
    run.signal("INT")?;
    let ended = run.end()?;
    assert_eq!(ended.code, Some(130), "{ended}");
    expected.insert(0, serial(&desk.state()?)?);
    desk.brings("down")?;
    expected.insert(0, serial(&desk.state()?)?);
    assert_eq!(serials(&desk)?, expected);
    Ok(())
}

fn the_state_of_a_killed_run_is_kept_by_the_next_one() -> Shown {
    let desk = Desk::new()?;
    let mut run = desk.run("up --yes").start()?;
    run.wait_until(|printed| printed.contains("created in"))?;
    run.kill()?;
    assert_eq!(desk.kept()?, [Value::Null; 0]);
    let left = desk.state()?;
    desk.brings("up")?;
    let kept = fs::read(desk.beside_state("history").join(format!("{}.json", serial(&left)?)))?;
    assert!(kept == left, "it is kept word for word");
    assert_eq!(serials(&desk)?, [serial(&desk.state()?)?, serial(&left)?]);
    Ok(())
}

fn an_older_copy_over_a_newer_state_is_refused_until_a_state_is_restored() -> Shown {
    let desk = Desk::up()?;
    let backup = desk.place.path("backup.json");
    fs::copy(desk.beside_state("json"), &backup)?;
    let older = desk.state()?;
    changes(&desk, 3, 7)?;
    let newer = desk.state()?;
    let (low, high) = (serial(&older)?, serial(&newer)?);
    let before = desk.world()?;

    // The copy is written into the file that is there, as `cp` does it.
    fs::copy(&backup, desk.beside_state("json"))?;
    let words = [
        format!("it has serial {low}, and the last one written here has serial {high}"),
        "sidekick state history".to_owned(),
        "sidekick state restore".to_owned(),
    ];
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    for command in
        ["plan", "up --yes", "down --yes", "status", "outputs", "state list", "state show network.vpc"]
    {
        desk.run(command).ends_with(1)?.says(&words)?;
    }
    assert!(desk.state()? == older, "the copy is left alone");
    assert_eq!(before.differences(&desk.world()?), [""; 0]);
    let last = fs::read(desk.beside_state("history").join(format!("{high}.json")))?;
    assert!(last == newer, "the last good state is kept");

    desk.run(&format!("state restore {high}")).ends_with(0)?.says(&["37 resources", "sidekick up"])?;
    assert_eq!(serial(&desk.state()?)?, high + 1);
    desk.brings("up")?.says(&["No changes"])?;

    // Whoever means the older one says so.
    fs::copy(&backup, desk.beside_state("json"))?;
    desk.run("plan").ends_with(1)?;
    desk.run("state restore .sidekick/dev.json").ends_with(0)?;
    desk.brings("up")?;
    desk.is_settled()?;
    Ok(())
}

fn an_older_state_is_brought_up_to_date_by_the_tags() -> Shown {
    let desk = Desk::new()?;
    let mut run = desk.run("up --yes").start()?;
    run.wait_until(|printed| printed.contains("data.postgres                        creating"))?;
    run.signal("INT")?;
    run.end()?;
    let few = serial(&desk.state()?)?;
    desk.brings("up")?;
    let all = serial(&desk.state()?)?;
    // Since then, everything in the VPC was replaced, so that what those states name is gone.
    desk.place.edit("default.toml", "vpc_cidr = \"10.0.0.0/16\"", "vpc_cidr = \"10.0.0.0/17\"")?;
    desk.run("up --yes --replace network.vpc --replace data.postgres --replace data.redis").ends_with(0)?;
    let before = desk.world()?.census();

    for older in [few, all] {
        desk.run(&format!("state restore {older}")).ends_with(0)?;
        desk.brings("up")?;
        assert_eq!(desk.world()?.census(), before, "nothing was made twice, nothing was lost");
        desk.is_settled()?;
    }
    desk.brings("down")?;
    assert_eq!(desk.world()?.census(), [].into());
    Ok(())
}

fn a_broken_state_file_is_set_aside_and_the_last_good_one_comes_back() -> Shown {
    let desk = Desk::up()?;
    let good = desk.state()?;
    let last = serial(&good)?;
    fs::write(desk.beside_state("json"), &good[..good.len() / 2])?;
    desk.run("up --yes").ends_with(1)?;
    let restored = desk.run(&format!("state restore {last} --output json")).ends_with(0)?;
    assert_eq!(restored.json("set_aside")?, ".sidekick/dev.json.broken");
    assert!(fs::read(desk.beside_state("json.broken"))? == good[..good.len() / 2]);
    desk.brings("up")?.says(&["No changes"])?;
    Ok(())
}

fn a_lost_state_file_is_missed_by_down() -> Shown {
    let desk = Desk::up()?;
    let last = serial(&desk.state()?)?;
    let before = desk.world()?;
    fs::remove_file(desk.beside_state("json"))?;
    let refused = desk.run("down --yes").ends_with(1)?;
    let refused = refused.says(&["dev.json is missing", &format!("serial {last} and 37 resources")])?;
    refused.says(&["sidekick state restore", "sidekick up"])?;
    assert_eq!(before.differences(&desk.world()?), [""; 0]);

    desk.run(&format!("state restore {last}")).ends_with(0)?;
    desk.brings("down")?;
    assert_eq!(desk.world()?.census(), [].into());
    // What is missing now had nothing in it.
    fs::remove_file(desk.beside_state("json"))?;
    desk.brings("down")?.says(&["Nothing is on record"])?;
    // An environment that begins anew is not mistaken for a copy of the one before.
    desk.brings("up")?;
    desk.is_settled()?;
    Ok(())
}

fn a_state_that_is_not_kept_names_those_that_are() -> Shown {
    let desk = Desk::new()?;
    desk.run("state restore 1").ends_with(2)?.says(&["no kept state 1", "no state is kept yet"])?;
    desk.brings("up")?;
    let before = desk.snapshot()?;
    let known = format!("the states that are kept are {}", serial(&desk.state()?)?);
    for unknown in ["1", "no.json"] {
        desk.run(&format!("state restore {unknown}")).ends_with(2)?.says(&[unknown, &known])?;
    }
    desk.run("state restore config/dev.toml")
        .ends_with(2)?
        .says(&["config/dev.toml cannot be restored", &known])?;
    // Nor is the state of another environment taken for this one's.
    let mut other: Value = serde_json::from_slice(&desk.state()?)?;
    other["stack"] = "other/dev".into();
    fs::write(desk.place.path("other.json"), other.to_string())?;
    desk.run("state restore other.json").ends_with(1)?.says(&["stack other/dev"])?;
    desk.is_unchanged_since(&before)?;
    Ok(())
}

fn a_state_is_not_restored_under_a_run() -> Shown {
    let desk = Desk::up()?;
    let last = serial(&desk.state()?)?;
    let mut run = desk.run("down --yes").start()?;
    run.wait_until(|printed| printed.contains("deleting"))?;
    let pid = format!("pid {},", run.id());
    desk.run(&format!("state restore {last}")).ends_with(1)?.says(&["locked by `sidekick down`", &pid])?;
    let ended = run.end()?;
    assert_eq!(ended.code, Some(0), "{ended}");
    assert_eq!(desk.world()?.census(), [].into());
    Ok(())
}

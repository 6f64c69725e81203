//! Edits that AWS allows on a new resource only, and what has to go with the old one.

use crate::desk::{Desk, steps};
use crate::{Shown, trials};

trials![
    a_replacement_names_its_cause_and_takes_along_what_holds_it,
    data_is_lost_only_where_that_was_agreed_to,
    another_vpc_replaces_everything_in_it_and_needs_agreement_for_the_data,
];

fn a_replacement_names_its_cause_and_takes_along_what_holds_it() -> Shown {
    let desk = Desk::up()?;
    let census = desk.world()?.census();
    desk.place.edit("default.toml", "port = 7500\n", "port = 7600\n")?;
    let held = "edge.target-group cannot be replaced while it exists";
    let plan = desk.run("plan").ends_with(0)?.says(&["port: 7500 → 7600  (forces the replacement)"])?;
    for dependent in ["edge.http-listener", "compute.service"] {
        let line = plan.stdout.lines().find(|line| line.contains(&format!("replace  {dependent}")));
        assert!(line.is_some_and(|line| line.contains(held)), "{dependent} goes along:\n{plan}");
    }
    let expected = [
        ("compute.service", "replace"),
        ("compute.task-definition", "update"),
        ("edge.http-listener", "replace"),
        ("edge.target-group", "replace"),
        ("security.service", "update"),
    ];
    assert_eq!(desk.planned()?, steps(&expected));
    desk.brings("up")?.says(&["3 to replace"])?;
    desk.is_settled()?;
    let world = desk.world()?;
    let [group] = world.living("elbv2", "target_groups")[..] else { return Err("one target group".into()) };
    assert_eq!(group["port"], 7600);
    // The revision of before stays registered until `down`.
    let expected = {
        let mut census = census;
        census.insert("ecs task_definitions".to_owned(), 2);
        census
    };
    assert_eq!(world.census(), expected, "nothing of the replaced ones is left");
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
    desk.is_unchanged_since(&before)?;

    desk.run("up --yes --replace data.postgres").ends_with(0)?;
    desk.is_settled()?;
    let world = desk.world()?;
    let [database] = world.living("rds", "instances")[..] else { return Err("one database".into()) };
    assert_eq!(database["database"], "another_name");
    Ok(())
}

fn another_vpc_replaces_everything_in_it_and_needs_agreement_for_the_data() -> Shown {
    let desk = Desk::up()?;
    let census = desk.world()?.census();
    desk.place.edit("default.toml", "vpc_cidr = \"10.0.0.0/16\"", "vpc_cidr = \"10.0.0.0/17\"")?;
    let refusal = ["cidr: 10.0.0.0/16 → 10.0.0.0/17", "--replace data.postgres", "--replace data.redis"];
    desk.run("up --yes").ends_with(1)?.says(&refusal)?;
    desk.run("up --yes --replace data.postgres --replace data.redis").ends_with(0)?;
    desk.is_settled()?;
    assert_eq!(desk.world()?.census(), census, "everything is there once");
    Ok(())
}

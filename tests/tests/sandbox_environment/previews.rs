//! What a plan tells of the fields of what it makes.

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    the_fields_of_what_is_made_are_told_to_those_who_ask,
    what_is_known_of_fields_that_may_change_is_told_to_everybody,
];

const HINT: &str = "`-v` lists the fields of what is made";

/// The field of a resource as `plan --output json` has it.
fn field(previews: &Value, address: &str, name: &str) -> Option<Value> {
    let preview = previews.as_array()?.iter().find(|it| it["address"] == address)?;
    preview["fields"].as_array()?.iter().find(|it| it["field"] == name).cloned()
}

fn the_fields_of_what_is_made_are_told_to_those_who_ask() -> Shown {
    let desk = Desk::new()?;
    let short = desk.run("plan").ends_with(0)?.says(&[HINT])?;
    assert!(!short.stdout.contains("cidr:"), "{short}");
    let long = desk.run("plan -v").ends_with(0)?;
    let told = |line: &str| long.stdout.lines().filter(|told| told.trim() == line).count();
    assert_eq!((told("cidr: 10.0.0.0/16"), told(HINT)), (1, 0), "{long}");
    assert!(told("vpc: (known after network.vpc)") > 5, "{long}");
    assert!(long.stdout.contains("REDIS_HOST: (known after data.redis)"), "{long}");
    assert!(
        long.stdout.contains("password.generated: length=40"),
        "a secret is told of by how it is made: {long}"
    );
    let previews = desk.run("plan --output json").ends_with(0)?.json("previews")?;
    let vpc = json!({ "field": "vpc", "new": { "known_after": ["network.vpc"] } });
    assert_eq!(field(&previews, "security.alb", "vpc"), Some(vpc));
    assert_eq!(
        field(&previews, "network.vpc", "cidr"),
        Some(json!({ "field": "cidr", "new": "10.0.0.0/16" }))
    );
    let asked = desk.run("up --yes -v").ends_with(0)?;
    assert!(asked.stdout.contains("vpc: (known after network.vpc)"), "{asked}");
    let settled = desk.run("plan --output json").ends_with(0)?;
    assert!(!settled.stdout.contains("\"previews\""), "nothing is made: {settled}");
    Ok(())
}

fn what_is_known_of_fields_that_may_change_is_told_to_everybody() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", "\"{name}-cluster\"", "\"{name}-cluster-2\"")?;
    desk.place.edit("default.toml", "\"{name}-tg\"", "\"{name}-tg-2\"")?;
    let plan = desk.run("plan").ends_with(0)?.says(&[" → (known after edge.target-group)", HINT])?;
    assert!(!plan.stdout.contains("cluster: (known after compute.cluster)"), "{plan}");
    let plan = desk.run("plan -v").ends_with(0)?;
    plan.says(&["cluster: (known after compute.cluster)", "container_insights: enabled"])?;
    // What is known of something that follows is known with what it disrupts and costs.
    desk.place.append(
        "dev.toml",
        "[database]\ninstance_class = \"db.t4g.small\"\nparameters = { work_mem = 8192 }",
    )?;
    desk.run("plan").ends_with(0)?.says(&[
        "follow   data.postgres",
        "instance_class: db.t4g.micro → db.t4g.small",
        "disrupts: data.postgres restarts on the new class",
        "more than now for what changes: db.t4g.small",
    ])?;
    desk.brings("up")?;
    desk.is_settled()?;
    Ok(())
}

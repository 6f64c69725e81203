//! Edits of the configuration that change what there is, where it is.

use sidekick_tests::world::World;

use crate::desk::{Desk, steps};
use crate::{Shown, trials};

trials![
    edits_are_carried_out_in_place,
    a_removed_rule_group_and_a_removed_tag_go,
    what_is_switched_off_is_deleted,
    the_load_balancer_changes_its_routing_in_place,
    the_strict_posture_is_taken_in_place,
    a_second_replica_is_added_in_place,
    the_public_load_balancer_tells_its_name_and_how_many_networks_it_admits,
];

/// Old and new text in `default.toml`, the resource that changes, and how the plan says it.
const IN_PLACE: &[(&str, &str, &str, &str)] = &[
    ("desired_count = 1\n", "desired_count = 2\n", "compute.service", "desired_count: 1 → 2"),
    ("retention_days = 3\n", "retention_days = 7\n", "compute.log-group", "retention_days: 3 → 7"),
    (
        "allocated_storage_gib = 20\n",
        "allocated_storage_gib = 30\n",
        "data.postgres",
        "allocated_storage_gib: 20 → 30",
    ),
    (
        "interval_seconds = 10\n",
        "interval_seconds = 15\n",
        "edge.target-group",
        "health_check.interval_seconds: 10 → 15",
    ),
    (
        "idle_timeout_seconds = 60\nlistener",
        "idle_timeout_seconds = 90\nlistener",
        "edge.alb",
        "idle_timeout_seconds: 60 → 90",
    ),
    ("[80, 443, 7500]", "[80, 443]", "security.alb", "from_port=7500"),
    (
        "Web ACL of Sequence Sidekick",
        "Web ACL",
        "edge.waf",
        "description: Web ACL of Sequence Sidekick → Web ACL",
    ),
    (
        "container_insights = \"enabled\"",
        "container_insights = \"disabled\"",
        "compute.cluster",
        "enabled → disabled",
    ),
];

fn edits_are_carried_out_in_place() -> Shown {
    let desk = Desk::up()?;
    let before = desk.world()?;
    for (old, new, ..) in IN_PLACE {
        desk.place.edit("default.toml", old, new)?;
    }
    let told: Vec<&str> = IN_PLACE.iter().map(|(.., told)| *told).collect();
    desk.run("plan").ends_with(0)?.says(&told)?;
    let mut expected: Vec<_> = IN_PLACE.iter().map(|(_, _, address, _)| (*address, "update")).collect();
    expected.sort_unstable();
    assert_eq!(desk.planned()?, steps(&expected), "these are updated, and nothing else");
    desk.brings("up")?.says(&["8 to update"])?;
    desk.is_settled()?;

    let after = desk.world()?;
    for (service, table) in [("rds", "instances"), ("elbv2", "load_balancers"), ("ecs", "services")] {
        let identity = |thing: &serde_json::Value| (thing["created"].clone(), thing["arn"].clone());
        let all = |world: &World| world.living(service, table).into_iter().map(identity).collect::<Vec<_>>();
        assert_eq!(all(&after), all(&before), "{service} {table} are those of before");
    }
    assert_eq!(after.living("ecs", "tasks").len(), 2);
    // RDS takes a change at once, and its time to carry it out.
    let database = after.living("rds", "instances")[0];
    let sizes =
        [&database["capacity"], &database["pending"]["capacity"]].map(|size| &size["AllocatedStorage"]);
    assert!(sizes.contains(&&30.into()), "{database}");
    assert_eq!(after.living("logs", "groups")[0]["retention"], 7);
    Ok(())
}

fn a_removed_rule_group_and_a_removed_tag_go() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", "# rate_limit =", "rate_limit =")?;
    desk.place.edit("default.toml", "Role = \"Sidekick\"\n", "")?;
    let plan = desk.plan()?;
    let untagged = |step: &serde_json::Value| {
        step["changes"]
            .as_array()
            .is_some_and(|changes| changes.iter().any(|change| change["field"] == "tags"))
    };
    // A secret's value and an association cannot carry tags.
    let others = desk.recorded()?.into_iter().filter(|address| !plan.get(address).is_some_and(untagged));
    let expected = [
        "compute.app-credentials",
        "data.postgres-credentials",
        "data.postgres-password",
        "data.redis-credentials",
        "edge.waf-association",
    ];
    assert_eq!(others.collect::<Vec<_>>(), expected);
    assert!(plan["edge.waf"]["changes"].to_string().contains("rate-limit"), "{plan:#?}");
    desk.brings("up")?;
    desk.is_settled()?;
    let world = desk.world()?;
    assert_eq!(world.living("ec2", "vpcs")[0]["tags"].get("Role"), None);
    let acl = world.living("wafv2", "web_acls")[0].to_string();
    assert!(acl.contains("rate-limit") && acl.contains("AWSManagedRulesCommonRuleSet"), "{acl}");

    desk.place.edit("default.toml", "rate_limit = {", "# rate_limit = {")?;
    desk.brings("up")?;
    assert!(!desk.world()?.living("wafv2", "web_acls")[0].to_string().contains("rate-limit"));
    Ok(())
}

fn what_is_switched_off_is_deleted() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", "[waf]\nenabled = true", "[waf]\nenabled = false")?;
    assert_eq!(desk.planned()?, steps(&[("edge.waf", "delete"), ("edge.waf-association", "delete")]));
    desk.brings("up")?;
    desk.is_settled()?;
    let census = desk.world()?.census();
    assert_eq!((census.get("wafv2 web_acls"), census.get("wafv2 associations")), (None, None));
    assert_eq!(census["elbv2 load_balancers"], 1);
    Ok(())
}

fn the_load_balancer_changes_its_routing_in_place() -> Shown {
    let desk = Desk::up()?;
    for (old, new) in [("public", "private"), ("private", "public")] {
        let routing = |word| format!("subnet_routing = \"{word}\"");
        desk.place.edit("default.toml", &routing(old), &routing(new))?;
        let tables = [("network.private-routes.us-west-2a", "update"), ("network.public-routes", "update")];
        assert_eq!(desk.planned()?, steps(&tables));
        desk.brings("up")?;
        desk.is_settled()?;
        assert_eq!(desk.world()?.living("ec2", "route_tables").len(), 3, "the VPC's own and ours");
    }
    Ok(())
}

fn the_strict_posture_is_taken_in_place() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", "posture = \"reference\"", "posture = \"strict\"")?;
    let groups = ["security.alb", "security.postgres", "security.redis"].map(|group| (group, "update"));
    assert_eq!(desk.planned()?, steps(&groups));
    desk.brings("up")?;
    desk.is_settled()?;
    let status = desk.run("status").ends_with(0)?;
    assert!(
        status.stdout.contains("service → database"),
        "the service still reaches its database:\n{status}"
    );
    // Groups that admit each other can still be deleted.
    desk.brings("down")?;
    assert_eq!(desk.world()?.census(), [].into());
    Ok(())
}

fn a_second_replica_is_added_in_place() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", "replicas = 1\n", "replicas = 2\n")?;
    let more = "$11.68 more than now for what changes: 3 × cache.t4g.micro $23.36 → $35.04";
    desk.run("plan").ends_with(0)?.says(&["replicas: 1 → 2", "Plan: 1 to update", more])?;
    desk.brings("up")?;
    desk.is_settled()?;
    desk.place.edit("default.toml", "replicas = 2\n", "replicas = 1\n")?;
    desk.run("plan").ends_with(0)?.says(&["$11.68 less than now for what changes: 2 × cache.t4g.micro"])?;
    desk.brings("up")?;
    desk.is_settled()?;
    Ok(())
}

fn the_public_load_balancer_tells_its_name_and_how_many_networks_it_admits() -> Shown {
    let desk = Desk::up()?;
    desk.run("outputs public_alb_dns_name")
        .ends_with(2)?
        .says(&["its resource is not on record, or not ready yet"])?;
    let own = "[public_alb]\nenabled = true\nallowed_cidrs = [\"203.0.113.0/24\", \"198.51.100.7/32\"]";
    desk.place.append("dev.toml", own)?;
    desk.brings("up")?.says(&["public_alb_dns_name", "open to 2 CIDRs"])?;
    desk.run("outputs public_alb_dns_name").ends_with(0)?.says(&["sidekick-alb-public-"])?;
    desk.run("outputs external_access").ends_with(0)?.says(&["open to 2 CIDRs"])?;
    let told =
        ["internet → public load balancer", "external access is open to 2 CIDRs, at sidekick-alb-public-"];
    desk.run("status").ends_with(0)?.says(&told)?;
    Ok(desk.is_settled()?)
}

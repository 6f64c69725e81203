//! The project, its tags, and the names made of it.

use super::{all, check, over_default};

#[test]
fn project_and_tags_are_checked() {
    check(&[
        ("name = \"Sidekick\"", 1, "name", "has a 'S', which a project name cannot have"),
        ("name = \"side--kick\"", 1, "name", "two hyphens in a row"),
        ("name = \"\"", 1, "name", "cannot be empty"),
        ("allowed_account_ids = [\"123\"]", 1, "allowed_account_ids[0]", "twelve digits"),
        (
            "allowed_account_ids = [\"123456789012\",\n\"123456789012\"]",
            2,
            "allowed_account_ids[1]",
            "is the same",
        ),
        ("[tags]\n\"aws:team\" = \"x\"", 2, "tags.\"aws:team\"", "prefix is reserved"),
        ("[tags]\n\"Sidekick:env\" = \"x\"", 2, "tags.\"Sidekick:env\"", "prefix is reserved"),
        ("[tags]\nName = \"x\"", 2, "tags.Name", "each resource has its own"),
        ("[tags]\n\"a?\" = \"x\"", 2, "tags.\"a?\"", "cannot be the key of a tag"),
        ("[tags]\na = \"x\\ny\"", 2, "tags.a", "cannot be the value of a tag"),
        ("[tags]\nAWSRegion = \"eu-west-1\"", 2, "tags.AWSRegion", "the environment is in us-west-2"),
    ]);
    for region in ["us-west", "us-wst-2", "west-2", "US-WEST-2", "us-west-2a", "", "us--west-2"] {
        let own = format!("region = \"{region}\"");
        let problems = over_default(&own).expect_err("no region");
        assert_eq!(all(&problems).len(), 1, "what depends on the region is not held against it: {region}");
        assert!(problems.problems()[0].message().contains("is not a region"), "{region}");
    }
}

#[test]
fn too_many_tags_are_refused() {
    let own: String = (0..41).map(|index| format!("\"tags\".T{index} = \"\"\n")).collect();
    let problems = over_default(&own).expect_err("more than AWS takes");
    assert_eq!(problems.problems()[0].message(), "44 tags are too many");
}

#[test]
fn names_are_held_to_the_limits_of_aws() {
    check(&[
        ("[alb]\nname = \"internal-{name}\"", 2, "alb.name", "starts with `internal-`"),
        ("[alb]\nname = \"{name}_alb\"", 2, "alb.name", "has a '_'"),
        ("[alb]\nname = \"{nmae}-alb\"", 2, "alb.name", "has a '{'"),
        ("[target_group]\nname = \"-tg\"", 2, "target_group.name", "starts or ends with a hyphen"),
        (
            "[target_group]\nname = \"{name}-abcdefghijklmnopqrstuvwxyz\"",
            2,
            "target_group.name",
            "has 35 characters, and a target group name has at most 32",
        ),
        ("[database]\nidentifier = \"a--b\"", 2, "database.identifier", "two hyphens in a row"),
        ("[database]\nidentifier = \"1a\"", 2, "database.identifier", "does not start with a letter"),
        ("[database]\nsubnet_group = \"default\"", 2, "database.subnet_group", "is reserved"),
        ("[cache]\nreplication_group = \"a-\"", 2, "cache.replication_group", "ends with a hyphen"),
        (
            "[cache]\nreplication_group = \"a2345678901234567890123456789012345678901\"",
            2,
            "cache.replication_group",
            "at most 40",
        ),
        ("[security]\nalb_group = \"sg-alb\"", 2, "security.alb_group", "starts with `sg-`"),
        ("[security]\nalb_group = \"{name}-redis-sg\"", 2, "security.alb_group", "is the same"),
        ("[roles]\ntask = \"a b\"", 2, "roles.task", "has a ' '"),
        ("[roles]\ntask = \"{name}-ecs-task-execution-role\"", 2, "roles.task", "is the same"),
        ("[secrets]\napp = \"{name}/app-abc123\"", 2, "secrets.app", "ends with a hyphen and six characters"),
        ("[secrets]\napp = \"{name}/redis/credentials\"", 2, "secrets.app", "is the same"),
        ("[logs]\ngroup = \"aws/x\"", 2, "logs.group", "which is reserved"),
        ("[waf]\nname = \"a.b\"", 2, "waf.name", "has a '.'"),
        ("[service]\ncluster = \"a/b\"", 2, "service.cluster", "has a '/'"),
    ]);
}

#[test]
fn a_project_name_that_is_too_long_is_reported_where_it_stands() {
    let problems = over_default("\nname = \"a-rather-long-name-for-a-project\"").expect_err("too long");
    let found = all(&problems);
    let places: Vec<(usize, &str)> = found.iter().map(|(line, path, _)| (*line, path.as_str())).collect();
    assert_eq!(places, [(2, "alb.name"), (2, "target_group.name")]);
    assert!(problems.problems().iter().all(|problem| problem.file() == Some("test.toml")));
}

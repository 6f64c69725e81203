//! What has our names and is not ours is never taken over, changed or deleted, and the operator is told.

use crate::audit::Inventory;
use crate::cloud::Cloud;
use aws_sdk_ecs::types::Tag;
use aws_sdk_elasticloadbalancingv2::types::TargetTypeEnum;
use aws_sdk_wafv2::types::{AllowAction, DefaultAction, Scope, VisibilityConfig};
use serde_json::Value;

use super::Open;
use crate::site::Result;

const NOT_OURS: &str = "does not carry this environment's ownership tags";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

pub(super) fn what_has_our_names_and_not_our_tags_stops_the_run_before_it_starts(open: Open<'_>) -> Result {
    let mut site = open()?;
    let taken = take_names_that_are_known_from_the_start(&site.cloud)?;
    site.before = site.audit()?;
    let mark = site.mark()?;
    for command in [&["plan"][..], &["up", "--yes"]] {
        let outcome = site.sidekick(command).ends_with(1)?.says(&[NOT_OURS])?;
        // Each of them is named with its reason, and nothing else is.
        let said = outcome.stderr.lines().map(str::trim).filter(|line| taken.contains(line)).count();
        if said != taken.len() || outcome.stderr.matches(NOT_OURS).count() != taken.len() {
            return Err(outcome.unexpected(&format!("it should name exactly {taken:?}")).into());
        }
    }
    site.sidekick(&["down", "--yes"]).ends_with(0)?.says(&["Nothing is on record"])?;
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());
    site.expect(&Inventory::default())?;
    Ok(())
}

/// Resources whose names the configuration alone tells; two of them carry the tags of another environment.
fn take_names_that_are_known_from_the_start(cloud: &Cloud) -> Result<[&'static str; 6]> {
    cloud.wait(cloud.logs.create_log_group().log_group_name("/ecs/sidekick-task").send())?;
    let role = cloud.iam.create_role().role_name("sidekick-ecs-task-role");
    let (key, stack) = ("sidekick:stack", "sidekick/prod");
    let tag = aws_sdk_iam::types::Tag::builder().key(key).value(stack).build()?;
    let address =
        aws_sdk_iam::types::Tag::builder().key("sidekick:address").value("compute.task-role").build()?;
    cloud.wait(role.assume_role_policy_document(TRUST).tags(tag).tags(address).send())?;
    let secret = cloud.secretsmanager.create_secret().name("sidekick/app/credentials");
    cloud.wait(secret.secret_string(r#"{"theirs":"kept"}"#).send())?;
    cloud.wait(cloud.secretsmanager.create_secret().name("sidekick/redis/credentials").send())?;
    let cluster = cloud.ecs.create_cluster().cluster_name("sidekick-cluster");
    cloud.wait(cluster.tags(Tag::builder().key(key).value(stack).build()).send())?;
    let allow = DefaultAction::builder().allow(AllowAction::builder().build()).build();
    let acl = cloud.wafv2.create_web_acl().name("sidekick-waf").scope(Scope::Regional).default_action(allow);
    let visibility = VisibilityConfig::builder().metric_name("theirs").cloud_watch_metrics_enabled(false);
    cloud.wait(acl.visibility_config(visibility.sampled_requests_enabled(false).build()?).send())?;
    Ok([
        "compute.app-secret",
        "compute.cluster",
        "compute.log-group",
        "compute.task-role",
        "data.redis-secret",
        "edge.waf",
    ])
}

pub(super) fn what_is_met_on_the_way_and_not_ours_is_left_alone_by_up_and_down(open: Open<'_>) -> Result {
    let mut site = open()?;
    let taken = take_names_that_are_met_on_the_way(&site.cloud)?;
    site.before = site.audit()?;

    let outcome = site.sidekick(&["--output", "json", "up", "--yes"]).ends_with(1)?;
    let failed = outcome.json("failed")?;
    let mut addresses: Vec<_> =
        failed.as_array().into_iter().flatten().map(|it| it["address"].clone()).collect();
    addresses.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    assert_eq!(addresses, taken, "{outcome}");
    let told = |it: &Value| it["fault"]["message"].as_str().is_some_and(|message| message.contains(NOT_OURS));
    assert!(failed.as_array().into_iter().flatten().all(told), "{outcome}");
    // What does not depend on them was made all the same, and what was there is as it was.
    let made = site.made()?;
    assert_ne!(made.get("cluster sidekick-cluster"), &Value::Null);
    assert_ne!(made.get("nat-gateway sidekick-nat-us-west-2a"), &Value::Null);
    assert_eq!(made.get("service sidekick-service"), &Value::Null);

    site.let_an_hour_pass()?;
    site.sidekick(&["down", "--yes"]).ends_with(0)?;
    site.expect(&Inventory::default())?;
    Ok(())
}

/// Resources that `up` can only look for once it has made others.
fn take_names_that_are_met_on_the_way(cloud: &Cloud) -> Result<[&'static str; 4]> {
    let subnets = cloud.wait(cloud.ec2.describe_subnets().send())?;
    let subnets = subnets.subnets().iter().filter_map(|it| it.subnet_id());
    let subnets: Vec<_> = subnets.take(2).map(str::to_owned).collect();
    let vpcs = cloud.wait(cloud.ec2.describe_vpcs().send())?;
    let vpc = vpcs.vpcs().first().and_then(|vpc| vpc.vpc_id()).ok_or("there is no default VPC")?;

    let balancer = cloud.elbv2.create_load_balancer().name("sidekick-alb");
    cloud.wait(balancer.set_subnets(Some(subnets.clone())).send())?;
    let group = cloud.elbv2.create_target_group().name("sidekick-tg").vpc_id(vpc).port(80);
    let http = aws_sdk_elasticloadbalancingv2::types::ProtocolEnum::Http;
    cloud.wait(group.protocol(http).target_type(TargetTypeEnum::Ip).send())?;
    let group = cloud.rds.create_db_subnet_group().db_subnet_group_name("theirs");
    let group = group.db_subnet_group_description("theirs").set_subnet_ids(Some(subnets.clone()));
    cloud.wait(group.send())?;
    let database = cloud.rds.create_db_instance().db_instance_identifier("sidekick-postgres");
    let database = database.db_subnet_group_name("theirs");
    let database = database.engine("postgres").db_instance_class("db.t3.large").allocated_storage(50);
    cloud.wait(database.master_username("theirs").master_user_password("theirs-and-kept").send())?;
    let group = cloud.elasticache.create_cache_subnet_group();
    let group = group.cache_subnet_group_name("sidekick-redis-subnet-group");
    let group = group.cache_subnet_group_description("theirs");
    cloud.wait(group.set_subnet_ids(Some(subnets)).send())?;
    Ok(["data.postgres", "data.redis-subnet-group", "edge.alb", "edge.target-group"])
}

pub(super) fn what_took_the_name_of_ours_survives_down(open: Open<'_>) -> Result {
    let mut site = open()?.with_environment()?;
    let (cloud, name) = (&site.cloud, "sidekick-ecs-task-role");
    cloud.wait(cloud.iam.delete_role().role_name(name).send())?;
    cloud.wait(cloud.iam.create_role().role_name(name).assume_role_policy_document(TRUST).send())?;
    let theirs = site.audit()?.get("role sidekick-ecs-task-role").clone();
    site.before.put("role sidekick-ecs-task-role", theirs);

    let mark = site.mark()?;
    let outcome = site.sidekick(&["up", "--yes"]).ends_with(1)?;
    outcome.says(&["compute.task-role", NOT_OURS])?;
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());
    site.sidekick(&["status"]).ends_with(1)?.says(&["not ours"])?;
    site.sidekick(&["down", "--yes"]).ends_with(0)?;
    site.expect(&Inventory::default())?;
    Ok(())
}

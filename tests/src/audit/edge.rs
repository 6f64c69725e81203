//! The load balancers with their listeners and target groups, and the web ACLs.

use aws_sdk_elasticloadbalancingv2::types::{Action, LoadBalancer, TagDescription, TargetGroup};
use aws_sdk_wafv2::types::{ResourceType, Rule, Scope, VisibilityConfig};
use serde_json::{Map, Value, json};

use super::{Inventory, Trouble, tags};
use crate::cloud::Cloud;

pub(super) async fn read(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for balancer in cloud.elbv2.describe_load_balancers().send().await?.load_balancers() {
        let arn = balancer.load_balancer_arn().unwrap_or_default();
        let name = balancer.load_balancer_name().unwrap_or_default();
        let shown = cloud.elbv2.describe_load_balancer_attributes().load_balancer_arn(arn).send().await?;
        let own = pairs(shown.attributes().iter().map(|it| (it.key(), it.value())));
        inventory.add("load-balancer", name, arn, load_balancer(balancer, &own, &tags_of(cloud, arn).await?));
        listeners(cloud, inventory, name, arn).await?;
    }
    for group in cloud.elbv2.describe_target_groups().send().await?.target_groups() {
        let arn = group.target_group_arn().unwrap_or_default();
        let shown = cloud.elbv2.describe_target_group_attributes().target_group_arn(arn).send().await?;
        let own = pairs(shown.attributes().iter().map(|it| (it.key(), it.value())));
        let name = group.target_group_name().unwrap_or_default();
        inventory.add("target-group", name, arn, target_group(group, &own, &tags_of(cloud, arn).await?));
    }
    web_acls(cloud, inventory).await
}

async fn tags_of(cloud: &Cloud, arn: &str) -> Result<Value, Trouble> {
    let found = cloud.elbv2.describe_tags().resource_arns(arn).send().await?;
    let found = found.tag_descriptions().iter().flat_map(TagDescription::tags);
    Ok(tags(found.map(|tag| (tag.key(), tag.value()))))
}

fn pairs<'a>(pairs: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>) -> Value {
    let text = |it: Option<&str>| it.unwrap_or_default().to_owned();
    Value::Object(pairs.map(|(key, value)| (text(key), text(value).into())).collect::<Map<_, _>>())
}

fn load_balancer(balancer: &LoadBalancer, attributes: &Value, tags: &Value) -> Value {
    let subnets = balancer.availability_zones().iter();
    json!({
        "type": balancer.r#type().map(|it| it.as_str()),
        "scheme": balancer.scheme().map(|it| it.as_str()),
        "state": balancer.state().and_then(|it| it.code()).map(|it| it.as_str()),
        "vpc": balancer.vpc_id(),
        "subnets": subnets.filter_map(|it| it.subnet_id()).collect::<Vec<_>>(),
        "security_groups": balancer.security_groups(),
        "deletion_protection": attributes["deletion_protection.enabled"],
        "idle_timeout": attributes["idle_timeout.timeout_seconds"],
        "tags": tags,
    })
}

async fn listeners(cloud: &Cloud, inventory: &mut Inventory, name: &str, arn: &str) -> Result<(), Trouble> {
    for listener in cloud.elbv2.describe_listeners().load_balancer_arn(arn).send().await?.listeners() {
        let own = listener.listener_arn().unwrap_or_default();
        let attributes = json!({
            "protocol": listener.protocol().map(|it| it.as_str()),
            "port": listener.port(),
            "actions": listener.default_actions().iter().map(action).collect::<Vec<_>>(),
            "tags": tags_of(cloud, own).await?,
        });
        let port = listener.port().unwrap_or_default();
        inventory.add("listener", &format!("{port} of {name}"), own, attributes);
    }
    Ok(())
}

fn action(action: &Action) -> String {
    let kind = action.r#type().map_or("?", |it| it.as_str());
    format!("{kind} {}", action.target_group_arn().unwrap_or("?"))
}

fn target_group(group: &TargetGroup, attributes: &Value, tags: &Value) -> Value {
    let mut balancers = group.load_balancer_arns().to_vec();
    balancers.dedup();
    json!({
        "vpc": group.vpc_id(),
        "type": group.target_type().map(|it| it.as_str()),
        "protocol": group.protocol().map(|it| it.as_str()),
        "port": group.port(),
        "health_check": {
            "enabled": group.health_check_enabled(),
            "protocol": group.health_check_protocol().map(|it| it.as_str()),
            "port": group.health_check_port(),
            "path": group.health_check_path(),
            "interval": group.health_check_interval_seconds(),
            "timeout": group.health_check_timeout_seconds(),
            "healthy": group.healthy_threshold_count(),
            "unhealthy": group.unhealthy_threshold_count(),
            "matcher": group.matcher().and_then(|it| it.http_code()),
        },
        "load_balancers": balancers,
        "deregistration_delay": attributes["deregistration_delay.timeout_seconds"],
        "tags": tags,
    })
}

async fn web_acls(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for summary in cloud.wafv2.list_web_acls().scope(Scope::Regional).send().await?.web_acls() {
        let (name, id) = (summary.name().unwrap_or_default(), summary.id().unwrap_or_default());
        let found = cloud.wafv2.get_web_acl().scope(Scope::Regional).name(name).id(id).send().await?;
        let acl = found.web_acl().ok_or("a listed web ACL cannot be read")?;
        let held = cloud.wafv2.list_resources_for_web_acl().web_acl_arn(acl.arn());
        let held = held.resource_type(ResourceType::ApplicationLoadBalancer).send().await?;
        let listed = cloud.wafv2.list_tags_for_resource().resource_arn(acl.arn()).send().await?;
        let listed = listed.tag_info_for_resource().map(|info| info.tag_list()).unwrap_or_default();
        let allows = acl.default_action().is_some_and(|it| it.allow().is_some());
        let attributes = json!({
            "description": acl.description(),
            "default": if allows { "allow" } else { "block" },
            "visibility": acl.visibility_config().map(visibility),
            "rules": acl.rules().iter().map(rule).collect::<Vec<_>>(),
            "load_balancers": held.resource_arns(),
            "tags": tags(listed.iter().map(|tag| (Some(tag.key()), Some(tag.value())))),
        });
        inventory.add("web-acl", name, acl.arn(), attributes);
    }
    Ok(())
}

fn rule(rule: &Rule) -> Value {
    let group = rule.statement().and_then(|it| it.managed_rule_group_statement());
    let (own, count) =
        (rule.override_action(), rule.override_action().is_some_and(|it| it.count().is_some()));
    json!({
        "name": rule.name(),
        "priority": rule.priority(),
        "group": group.map(|it| format!("{} {}", it.vendor_name(), it.name())),
        "override": own.map(|_| if count { "count" } else { "none" }),
        "visibility": rule.visibility_config().map(visibility),
    })
}

fn visibility(config: &VisibilityConfig) -> String {
    let (metrics, samples) = (config.cloud_watch_metrics_enabled(), config.sampled_requests_enabled());
    format!("{}: metrics {metrics}, samples {samples}", config.metric_name())
}

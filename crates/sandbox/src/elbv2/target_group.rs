//! Target groups for HTTP.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::attribute::{self, Attributes};
use super::health_check::{self, HealthCheck};
use super::target::Target;
use super::{account_limit, is_name, listing};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TargetGroup {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) vpc: String,
    pub(crate) target_type: String,
    pub(crate) tags: Tags,
    pub(crate) health_check: HealthCheck,
    /// The targets by address and port.
    pub(crate) targets: BTreeMap<String, Target>,
    protocol: String,
    port: i64,
    attributes: Attributes,
    created: f64,
}

impl TargetGroup {
    /// How long a target that is taken out still serves the connections that it has.
    pub(crate) fn deregistration_delay(&self) -> f64 {
        let delay = self.attributes.get("deregistration_delay.timeout_seconds");
        delay.and_then(|seconds| seconds.parse().ok()).unwrap_or(300.0)
    }

    /// Whether a create call for `other` would ask for just this.
    fn is_like(&self, other: &Self) -> bool {
        (&self.protocol, self.port, &self.vpc, &self.target_type, &self.tags, &self.health_check)
            == (&other.protocol, other.port, &other.vpc, &other.target_type, &other.tags, &other.health_check)
    }

    fn view(&self, world: &World) -> Value {
        let balancer = super::balancer_of(world, &self.arn).map(|balancer| &balancer.arn);
        let mut view = json!({
            "TargetGroupArn": self.arn,
            "TargetGroupName": self.name,
            "Protocol": self.protocol,
            "ProtocolVersion": "HTTP1",
            "Port": self.port,
            "VpcId": self.vpc,
            "TargetType": self.target_type,
            "IpAddressType": "ipv4",
            "LoadBalancerArns": balancer.into_iter().collect::<Vec<_>>(),
        });
        if let (Value::Object(view), Value::Object(check)) = (&mut view, self.health_check.view()) {
            view.extend(check);
        }
        view
    }
}

/// The target group with this ARN, or the refusal that names it.
pub(super) fn find<'a>(world: &'a World, arn: &str) -> Result<&'a TargetGroup, Refusal> {
    world.elbv2.target_groups.get(arn).ok_or_else(|| absent(arn))
}

fn find_mut<'a>(world: &'a mut World, arn: &str) -> Result<&'a mut TargetGroup, Refusal> {
    world.elbv2.target_groups.get_mut(arn).ok_or_else(|| absent(arn))
}

fn absent(arn: &str) -> Refusal {
    Refusal::absent("TargetGroupNotFound", format!("Target groups '[{arn}]' not found"))
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let name = params.text("Name")?;
    if !is_name(name) {
        return Err(params.invalid("Name", name, "It is not a valid target group name."));
    }
    let protocol = read_choice(params, "Protocol", None, &["HTTP", "HTTPS"])?;
    let target_type = read_choice(params, "TargetType", Some("instance"), &["instance", "ip"])?;
    read_choice(params, "ProtocolVersion", Some("HTTP1"), &["HTTP1"])?;
    read_choice(params, "IpAddressType", Some("ipv4"), &["ipv4"])?;
    let port = params.number("Port")?.ok_or_else(|| params.missing("Port"))?;
    if !(1..=65_535).contains(&port) {
        return Err(params.invalid("Port", port, "It must be between 1 and 65535."));
    }
    let vpc = params.text("VpcId")?;
    if !world.ec2.vpcs.contains_key(vpc) {
        return Err(Refusal::absent("ValidationError", format!("The VPC ID '{vpc}' is not found")));
    }
    let group = TargetGroup {
        arn: String::new(),
        name: name.to_owned(),
        vpc: vpc.to_owned(),
        target_type,
        tags: tags::read(params, "Tags", "Key", "Value")?,
        health_check: health_check::read(params, &HealthCheck::of_protocol(&protocol))?,
        targets: BTreeMap::new(),
        protocol,
        port,
        attributes: attribute::defaults(attribute::TARGET_GROUP),
        created: world.now,
    };
    if let Some(existing) = world.elbv2.target_groups.values().find(|existing| existing.name == name) {
        if existing.is_like(&group) {
            return Ok(json!({ "TargetGroups": [existing.view(world)] }));
        }
        let words = format!("A target group with the same name '{name}' exists, but with different settings");
        return Err(Refusal::illegal("DuplicateTargetGroupName", words));
    }
    account_limit::check_target_groups(world)?;
    let resource = format!("targetgroup/{name}/{}", world.hex());
    let group = TargetGroup { arn: world.arn("elasticloadbalancing", &resource), ..group };
    let view = group.view(world);
    world.elbv2.target_groups.insert(group.arn.clone(), group);
    Ok(json!({ "TargetGroups": [view] }))
}

fn read_choice(
    params: &Params,
    name: &str,
    default: Option<&str>,
    modelled: &[&str],
) -> Result<String, Refusal> {
    let value = params.text_if(name)?.or(default).ok_or_else(|| params.missing(name))?;
    if modelled.contains(&value) {
        return Ok(value.to_owned());
    }
    Err(params.invalid(name, value, &format!("The sandbox models {}.", modelled.join(" and "))))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let (arns, names) = (params.texts("TargetGroupArns")?, params.texts("Names")?);
    let balancer = params.text_if("LoadBalancerArn")?;
    if let Some(arn) = balancer {
        super::load_balancer::find(world, arn)?;
    }
    let visible = world.elbv2.target_groups.values().filter(|group| !world.hides(group.created));
    let visible: Vec<&TargetGroup> = visible.collect();
    for wanted in arns.iter().chain(&names) {
        if !visible.iter().any(|group| group.arn == *wanted || group.name == *wanted) {
            return Err(absent(wanted));
        }
    }
    let all = arns.is_empty() && names.is_empty();
    let chosen = visible.into_iter().filter(|group| {
        let is_behind = |arn| super::balancer_of(world, &group.arn).is_some_and(|found| found.arn == arn);
        (all || arns.contains(&group.arn) || names.contains(&group.name)) && balancer.is_none_or(is_behind)
    });
    let items = chosen.map(|group| (group.arn.clone(), group.view(world))).collect();
    listing::answer(params, "TargetGroups", items)
}

pub(super) fn modify(world: &mut World, params: &Params) -> Answer {
    let group = find_mut(world, params.text("TargetGroupArn")?)?;
    group.health_check = health_check::read(params, &group.health_check)?;
    let arn = group.arn.clone();
    Ok(json!({ "TargetGroups": [find(world, &arn)?.view(world)] }))
}

pub(super) fn describe_attributes(world: &World, params: &Params) -> Answer {
    Ok(attribute::view(&find(world, params.text("TargetGroupArn")?)?.attributes))
}

pub(super) fn modify_attributes(world: &mut World, params: &Params) -> Answer {
    let group = find_mut(world, params.text("TargetGroupArn")?)?;
    let changes = attribute::read(params, attribute::TARGET_GROUP)?;
    group.attributes.extend(changes);
    Ok(attribute::view(&group.attributes))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let arn = params.text("TargetGroupArn")?;
    if super::balancer_of(world, arn).is_some() {
        let words = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(Refusal::blocked("ResourceInUse", words));
    }
    // Deleting what is gone already succeeds, and registered targets don't block.
    world.elbv2.target_groups.remove(arn);
    Ok(Value::Null)
}

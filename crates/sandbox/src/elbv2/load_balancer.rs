//! Application load balancers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::attribute::{self, Attributes};
use super::load_balancer_network::{attach, read_security_groups, read_subnets};
use super::{account_limit, is_name, listing, rule};
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::ec2::network_interface;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::timeline::Timeline;
use crate::world::{World, timestamp};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LoadBalancer {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) scheme: String,
    pub(crate) vpc: String,
    /// The subnets with their availability zones.
    pub(crate) subnets: BTreeMap<String, String>,
    pub(crate) groups: Vec<String>,
    pub(crate) tags: Tags,
    pub(crate) timeline: Timeline,
    pub(super) attributes: Attributes,
    pub(super) created: f64,
    dns_name: String,
}

impl LoadBalancer {
    /// `app/name/suffix`, which AWS also writes on the load balancer's network interfaces.
    pub(crate) fn path(&self) -> &str {
        self.arn.split_once("loadbalancer/").map_or("", |(_, path)| path)
    }

    fn view(&self, world: &World) -> Value {
        let zones = self.subnets.iter();
        let zone =
            |(subnet, zone)| json!({ "ZoneName": zone, "SubnetId": subnet, "LoadBalancerAddresses": [] });
        let state = self.timeline.state(world.now);
        json!({
            "LoadBalancerArn": self.arn,
            "LoadBalancerName": self.name,
            "DNSName": self.dns_name,
            "CanonicalHostedZoneId": "Z1H1FL5HABSF5",
            "CreatedTime": timestamp(self.created),
            "Scheme": self.scheme,
            "VpcId": self.vpc,
            "State": {
                "Code": state,
                "Reason": (state == "failed").then_some("The load balancer could not be set up."),
            },
            "Type": "application",
            "AvailabilityZones": zones.map(zone).collect::<Value>(),
            "SecurityGroups": self.groups,
            "IpAddressType": "ipv4",
        })
    }
}

/// The load balancer with this ARN, or the refusal that names it.
pub(super) fn find<'a>(world: &'a World, arn: &str) -> Result<&'a LoadBalancer, Refusal> {
    world.elbv2.load_balancers.get(arn).ok_or_else(|| absent(arn))
}

/// The load balancer with this ARN, to change it.
pub(super) fn find_mut<'a>(world: &'a mut World, arn: &str) -> Result<&'a mut LoadBalancer, Refusal> {
    world.elbv2.load_balancers.get_mut(arn).ok_or_else(|| absent(arn))
}

fn absent(name: &str) -> Refusal {
    Refusal::absent("LoadBalancerNotFound", format!("Load balancers '[{name}]' not found"))
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let name = params.text("Name")?;
    if !is_name(name) || name.starts_with("internal-") {
        return Err(params.invalid("Name", name, "It is not a valid load balancer name."));
    }
    for (parameter, only) in [("Type", "application"), ("IpAddressType", "ipv4")] {
        if let Some(other) = params.text_if(parameter)?.filter(|value| *value != only) {
            return Err(params.invalid(
                parameter,
                other,
                "The sandbox models IPv4 application load balancers.",
            ));
        }
    }
    let scheme = params.text_if("Scheme")?.unwrap_or("internet-facing");
    if !matches!(scheme, "internal" | "internet-facing") {
        return Err(params.invalid("Scheme", scheme, ""));
    }
    let (vpc, subnets) = read_subnets(world, params)?;
    let groups = read_security_groups(world, params, &vpc)?;
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    if let Some(existing) = world.elbv2.load_balancers.values().find(|existing| existing.name == name) {
        let is_same = (existing.scheme.as_str(), &existing.subnets, &existing.groups, &existing.tags)
            == (scheme, &subnets, &groups, &tags);
        if is_same {
            return Ok(json!({ "LoadBalancers": [existing.view(world)] }));
        }
        let words =
            format!("A load balancer with the same name '{name}' exists, but with different settings");
        return Err(Refusal::illegal("DuplicateLoadBalancerName", words));
    }
    account_limit::check_load_balancers(world)?;
    if scheme == "internet-facing" && !crate::ec2::reach::has_internet_gateway(world, &vpc) {
        return Err(Refusal::illegal("InvalidSubnet", format!("VPC {vpc} has no internet gateway")));
    }
    let suffix = world.hex();
    let prefix = if scheme == "internal" { "internal-" } else { "" };
    let outcome = if world.fails("load-balancer") { "failed" } else { "active" };
    let balancer = LoadBalancer {
        arn: world.arn("elasticloadbalancing", &format!("loadbalancer/app/{name}/{suffix}")),
        dns_name: format!("{prefix}{name}-{}.{}.elb.amazonaws.com", &suffix[..10], world.region),
        name: name.to_owned(),
        scheme: scheme.to_owned(),
        vpc,
        subnets,
        groups,
        tags,
        timeline: Timeline::begin(world.now, "provisioning")
            .then(world.takes(duration::LOAD_BALANCER_CREATE), outcome),
        attributes: attribute::defaults(attribute::LOAD_BALANCER),
        created: world.now,
    };
    for subnet in balancer.subnets.keys() {
        attach(world, &balancer, subnet)?;
    }
    let view = balancer.view(world);
    world.elbv2.load_balancers.insert(balancer.arn.clone(), balancer);
    Ok(json!({ "LoadBalancers": [view] }))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let (arns, names) = (params.texts("LoadBalancerArns")?, params.texts("Names")?);
    let visible = world.elbv2.load_balancers.values().filter(|balancer| !world.hides(balancer.created));
    let visible: Vec<&LoadBalancer> = visible.collect();
    for wanted in arns.iter().chain(&names) {
        if !visible.iter().any(|balancer| balancer.arn == *wanted || balancer.name == *wanted) {
            return Err(absent(wanted));
        }
    }
    let all = arns.is_empty() && names.is_empty();
    let chosen = visible
        .into_iter()
        .filter(|balancer| all || arns.contains(&balancer.arn) || names.contains(&balancer.name));
    let items = chosen.map(|balancer| (balancer.arn.clone(), balancer.view(world))).collect();
    listing::answer(params, "LoadBalancers", items)
}

pub(super) fn describe_attributes(world: &World, params: &Params) -> Answer {
    Ok(attribute::view(&find(world, params.text("LoadBalancerArn")?)?.attributes))
}

pub(super) fn modify_attributes(world: &mut World, params: &Params) -> Answer {
    let balancer = find_mut(world, params.text("LoadBalancerArn")?)?;
    let changes = attribute::read(params, attribute::LOAD_BALANCER)?;
    balancer.attributes.extend(changes);
    Ok(attribute::view(&balancer.attributes))
}

/// Deletes a load balancer with its listeners. Its network interfaces stay for some time.
pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let arn = params.text("LoadBalancerArn")?;
    // Deleting what is gone already succeeds.
    let Ok(balancer) = find(world, arn) else { return Ok(Value::Null) };
    if balancer.attributes.get("deletion_protection.enabled").is_some_and(|value| value == "true") {
        let words = format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
        return Err(Refusal::illegal("OperationNotPermitted", words));
    }
    let lingers = world.takes(duration::LOAD_BALANCER_INTERFACES);
    network_interface::release(world, arn, lingers);
    world.elbv2.listeners.retain(|_, listener| listener.load_balancer != arn);
    rule::forget_orphans(world);
    world.elbv2.load_balancers.remove(arn);
    crate::wafv2::forget_resource(world, arn);
    Ok(Value::Null)
}

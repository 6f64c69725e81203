//! Targets of target groups, and whether the load balancer finds them healthy.
//!
//! A target becomes healthy when, for long enough, all of this holds: a listener forwards to its group, the load
//! balancer is active, security groups let the health check through, and something listens on the target's port.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::TargetGroup;
use super::target_group::find;
use crate::call::Answer;
use crate::ec2::NetworkInterface;
use crate::ec2::network_interface;
use crate::ec2::reach::{End, connects};
use crate::params::Params;
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) address: Ipv4Addr,
    pub(crate) port: i64,
    zone: String,
    registered: f64,
    /// From when on something listens there.
    serving: Option<f64>,
    /// Whether what listens answers with errors.
    #[serde(default)]
    errs: bool,
    /// Since when the health check comes through, listening or not.
    reachable: Option<f64>,
    /// Since when it does not.
    #[serde(default)]
    lost: Option<f64>,
    /// Until when connections are drained.
    drained: Option<f64>,
}

/// A target's health in AWS's words.
pub(crate) struct Health {
    pub(crate) state: &'static str,
    pub(crate) reason: Option<&'static str>,
    pub(crate) description: Option<&'static str>,
}

impl Health {
    const HEALTHY: Self = Self { state: "healthy", reason: None, description: None };

    const fn new(state: &'static str, reason: &'static str, description: &'static str) -> Self {
        Self { state, reason: Some(reason), description: Some(description) }
    }
}

fn key(address: Ipv4Addr, port: i64) -> String {
    format!("{address}:{port}")
}

/// Adds a target, on which nothing listens yet.
pub(crate) fn register(world: &mut World, group: &str, address: Ipv4Addr, port: i64) {
    let vpc = world.elbv2.target_groups.get(group).map(|group| group.vpc.as_str()).unwrap_or_default();
    let interface = interface_at(world, vpc, address);
    let subnet = interface.and_then(|interface| world.ec2.subnets.get(&interface.subnet));
    let zone = subnet.map(|subnet| subnet.zone.clone()).unwrap_or_default();
    let registered = world.now;
    let (serving, errs, reachable, lost, drained) = (None, false, None, None, None);
    let target = Target { address, port, zone, registered, serving, errs, reachable, lost, drained };
    if let Some(group) = world.elbv2.target_groups.get_mut(group) {
        group.targets.insert(key(address, port), target);
    }
    settle(world);
}

/// Notes that from now on something listens at a target, and whether it answers with errors.
pub(crate) fn serve(world: &mut World, group: &str, (address, port): (Ipv4Addr, i64), errs: bool) {
    let now = world.now;
    let group = world.elbv2.target_groups.get_mut(group);
    if let Some(target) = group.and_then(|group| group.targets.get_mut(&key(address, port))) {
        (target.serving, target.errs) = (Some(now), errs);
    }
}

fn interface_at<'a>(world: &'a World, vpc: &str, address: Ipv4Addr) -> Option<&'a NetworkInterface> {
    let mut interfaces = world.ec2.network_interfaces.values();
    interfaces.find(|interface| interface.vpc == vpc && interface.address == address)
}

/// Takes a target out. Gives the seconds for which it drains: none if no listener uses its group.
pub(crate) fn deregister(world: &mut World, group: &str, address: Ipv4Addr, port: i64) -> f64 {
    let is_used = super::balancer_of(world, group).is_some();
    let now = world.now;
    let Some(group) = world.elbv2.target_groups.get_mut(group) else { return 0.0 };
    let seconds = if is_used { group.deregistration_delay() } else { 0.0 };
    if let Some(target) = group.targets.get_mut(&key(address, port)) {
        target.drained = Some(now + seconds);
    }
    seconds
}

/// Forgets drained targets, and notes which are within the load balancer's reach.
pub(super) fn settle(world: &mut World) {
    let now = world.now;
    let mut groups = std::mem::take(&mut world.elbv2.target_groups);
    for group in groups.values_mut() {
        let is_used = super::balancer_of(world, &group.arn).is_some();
        group.targets.retain(|_, target| target.drained.is_none_or(|drained| drained > now));
        for target in group.targets.values_mut() {
            let is_reachable = is_reachable(world, &group.arn, target);
            target.reachable = is_reachable.then(|| target.reachable.unwrap_or(now));
            target.lost = (is_used && !is_reachable).then(|| target.lost.unwrap_or(now));
        }
    }
    world.elbv2.target_groups = groups;
}

/// Whether the load balancer in front of the group may connect to the target.
fn is_reachable(world: &World, group: &str, target: &Target) -> bool {
    let Some(balancer) = super::balancer_of(world, group) else { return false };
    let Some(node) = network_interface::held_by(world, &balancer.arn).next() else { return false };
    let Some(interface) = interface_at(world, &balancer.vpc, target.address) else { return false };
    connects(world, End::from(node), End::from(interface), target.port)
}

/// The time from which on a target is healthy, as far as that is foreseeable.
pub(crate) fn healthy_at(world: &World, group: &str, address: Ipv4Addr, port: i64) -> Option<f64> {
    let group = world.elbv2.target_groups.get(group)?;
    let target =
        group.targets.get(&key(address, port)).filter(|target| target.drained.is_none() && !target.errs)?;
    let balancer = super::balancer_of(world, &group.arn)?;
    let active = (balancer.timeline.state(f64::MAX) == "active").then(|| balancer.timeline.last_change())?;
    let first_good = target.reachable?.max(target.serving?).max(active);
    Some(first_good + group.health_check.seconds_to_healthy())
}

/// The time from which on a target is unhealthy that was healthy, if its health check does not come through any more.
pub(crate) fn unhealthy_at(world: &World, group: &str, address: Ipv4Addr, port: i64) -> Option<f64> {
    let group = world.elbv2.target_groups.get(group)?;
    let target = group.targets.get(&key(address, port)).filter(|target| target.drained.is_none())?;
    Some(target.lost? + group.health_check.seconds_to_unhealthy())
}

/// A target's health now.
pub(crate) fn health(world: &World, group: &TargetGroup, target: &Target) -> Health {
    if target.drained.is_some() {
        let words = "Target deregistration is in progress";
        return Health::new("draining", "Target.DeregistrationInProgress", words);
    }
    let Some(balancer) = super::balancer_of(world, &group.arn) else {
        let words = "Target group is not configured to receive traffic from the load balancer";
        return Health::new("unused", "Target.NotInUse", words);
    };
    let check = &group.health_check;
    if healthy_at(world, &group.arn, target.address, target.port).is_some_and(|time| time <= world.now) {
        return Health::HEALTHY;
    }
    let begun = target.registered.max(balancer.timeline.last_change());
    match (target.reachable, target.serving) {
        _ if world.now < begun => {
            Health::new("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
        }
        (Some(_), Some(_)) if target.errs && world.now >= begun + check.seconds_to_unhealthy() => {
            let words = "Health checks failed with these codes: [500]";
            Health::new("unhealthy", "Target.ResponseCodeMismatch", words)
        }
        (Some(_), Some(_)) => {
            Health::new("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
        }
        _ if world.now < begun + check.seconds_to_unhealthy() => {
            Health::new("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
        }
        (None, _) => Health::new("unhealthy", "Target.Timeout", "Request timed out"),
        (Some(_), None) => Health::new("unhealthy", "Target.FailedHealthChecks", "Health checks failed"),
    }
}

/// What a target's health is put down to now.
pub(crate) fn health_words(world: &World, group: &str, address: Ipv4Addr, port: i64) -> Option<&'static str> {
    let group = world.elbv2.target_groups.get(group)?;
    health(world, group, group.targets.get(&key(address, port))?).description
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let group = find(world, params.text("TargetGroupArn")?)?;
    let show = |target: &Target| {
        let health = health(world, group, target);
        json!({
            "Target": {
                "Id": target.address,
                "Port": target.port,
                "AvailabilityZone": target.zone,
            },
            "HealthCheckPort": target.port.to_string(),
            "TargetHealth": {
                "State": health.state,
                "Reason": health.reason,
                "Description": health.description,
            },
        })
    };
    Ok(json!({ "TargetHealthDescriptions": group.targets.values().map(show).collect::<Value>() }))
}

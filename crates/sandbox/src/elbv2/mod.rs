//! Elastic Load Balancing v2: application load balancers, target groups, listeners and their rules.

mod account_limit;
mod action;
pub(crate) mod attribute;
mod health_check;
mod listener;
mod listing;
mod load_balancer;
mod load_balancer_network;
mod rule;
mod tagging;
mod target;
mod target_group;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::service::{Dialect, Operation, Protocol, Service, mutates, reads};
use crate::world::World;

pub(crate) use listener::Listener;
pub(crate) use load_balancer::LoadBalancer;
use rule::Rule;
pub(crate) use target::{deregister, health_words, healthy_at, register, serve, unhealthy_at};
pub(crate) use target_group::TargetGroup;

pub(crate) static SERVICE: Service = Service {
    name: "elasticloadbalancing",
    protocol: Protocol::AwsQuery {
        namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
        item: |_| "member",
    },
    dialect: &Dialect { missing: "ValidationError", invalid: "ValidationError", ..Dialect::QUERY },
    operations: OPERATIONS,
    settle: target::settle,
    // Load balancers hold their subnets and groups by their network interfaces; nothing else of theirs holds
    // anything of another service.
    references: |_| Vec::new(),
};

static OPERATIONS: &[Operation] = &[
    reads("DescribeAccountLimits", account_limit::describe),
    mutates("CreateLoadBalancer", load_balancer::create),
    reads("DescribeLoadBalancers", load_balancer::describe),
    reads("DescribeLoadBalancerAttributes", load_balancer::describe_attributes),
    mutates("ModifyLoadBalancerAttributes", load_balancer::modify_attributes),
    mutates("SetSecurityGroups", load_balancer_network::set_security_groups),
    mutates("SetSubnets", load_balancer_network::set_subnets),
    mutates("SetIpAddressType", load_balancer_network::set_ip_address_type),
    mutates("DeleteLoadBalancer", load_balancer::delete),
    mutates("CreateTargetGroup", target_group::create),
    reads("DescribeTargetGroups", target_group::describe),
    mutates("ModifyTargetGroup", target_group::modify),
    reads("DescribeTargetGroupAttributes", target_group::describe_attributes),
    mutates("ModifyTargetGroupAttributes", target_group::modify_attributes),
    mutates("DeleteTargetGroup", target_group::delete),
    reads("DescribeTargetHealth", target::describe),
    mutates("CreateListener", listener::create),
    reads("DescribeListeners", listener::describe),
    mutates("ModifyListener", listener::modify),
    mutates("DeleteListener", listener::delete),
    mutates("CreateRule", rule::create),
    reads("DescribeRules", rule::describe),
    mutates("ModifyRule", rule::modify),
    mutates("SetRulePriorities", rule::set_priorities),
    mutates("DeleteRule", rule::delete),
    mutates("AddTags", tagging::add),
    mutates("RemoveTags", tagging::remove),
    reads("DescribeTags", tagging::describe),
];

/// Everything of load balancing, by ARN.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LoadBalancing {
    pub(crate) load_balancers: BTreeMap<String, LoadBalancer>,
    pub(crate) target_groups: BTreeMap<String, TargetGroup>,
    pub(crate) listeners: BTreeMap<String, Listener>,
    rules: BTreeMap<String, Rule>,
}

/// The load balancer of which a listener, or a rule of one, forwards to a target group: at most one.
pub(crate) fn balancer_of<'a>(world: &'a World, target_group: &str) -> Option<&'a LoadBalancer> {
    let mut listeners = world.elbv2.listeners.values();
    let by_rule = || {
        let rule = world.elbv2.rules.values().find(|rule| rule.action.forwards_to(target_group))?;
        world.elbv2.listeners.get(&rule.listener)
    };
    let listener = listeners.find(|listener| listener.forwards_to(target_group)).or_else(by_rule)?;
    world.elbv2.load_balancers.get(&listener.load_balancer)
}

/// Whether a name may be given to a load balancer or a target group.
fn is_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

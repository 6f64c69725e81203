//! The rules of security groups, one per peer.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Described, Kind, Listing, describe as list};
use super::permission::{Peer, Permission};
use crate::call::Answer;
use crate::params::Params;
use crate::reference::Reference;
use crate::tags::{self, Tags};
use crate::world::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Direction {
    Ingress,
    Egress,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SecurityGroupRule {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) direction: Direction,
    pub(crate) permission: Permission,
    pub(crate) description: Option<String>,
    pub(crate) tags: Tags,
    created: f64,
}

impl Described for SecurityGroupRule {
    const KIND: Kind = Kind {
        prefix: "sgr",
        words: "The security group rule ID '{id}' does not exist",
        absent: "InvalidSecurityGroupRuleId.NotFound",
        malformed: "InvalidSecurityGroupRuleId.Malformed",
    };

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn created(&self) -> f64 {
        self.created
    }

    fn filter(&self, name: &str, _: &World) -> Option<Vec<String>> {
        Some(vec![match name {
            "security-group-rule-id" => self.id.clone(),
            "group-id" => self.group.clone(),
            _ => return None,
        }])
    }

    fn view(&self, world: &World) -> Value {
        let (from, to) = self.permission.ports.unwrap_or((-1, -1));
        let mut view = json!({
            "securityGroupRuleId": self.id,
            "securityGroupRuleArn": world.arn("ec2", &format!("security-group-rule/{}", self.id)),
            "groupId": self.group,
            "groupOwnerId": world.account,
            "isEgress": self.direction == Direction::Egress,
            "ipProtocol": self.permission.protocol,
            "fromPort": from,
            "toPort": to,
            "description": self.description,
            "tagSet": tags::lower(&self.tags),
        });
        let (name, peer) = match &self.permission.peer {
            Peer::Ipv4(block) => ("cidrIpv4", json!(block)),
            Peer::Ipv6(block) => ("cidrIpv6", json!(block)),
            Peer::Group(group) => {
                ("referencedGroupInfo", json!({ "groupId": group, "userId": world.account }))
            }
        };
        view[name] = peer;
        view
    }
}

/// Lets the members of a group talk to each other.
pub(super) fn allow_members(world: &mut World, group: &str) {
    insert(
        world,
        group,
        Direction::Ingress,
        Permission::all(Peer::Group(group.to_owned())),
        None,
        &Tags::new(),
    );
}

/// Lets everything out, as every new group does.
pub(super) fn allow_all_egress(world: &mut World, group: &str) {
    insert(world, group, Direction::Egress, Permission::all(Peer::ANYWHERE), None, &Tags::new());
}

/// Adds a rule and gives its view.
pub(super) fn insert(
    world: &mut World,
    group: &str,
    direction: Direction,
    permission: Permission,
    description: Option<String>,
    tags: &Tags,
) -> Value {
    let rule = SecurityGroupRule {
        id: world.id("sgr"),
        group: group.to_owned(),
        direction,
        permission,
        description,
        tags: tags.clone(),
        created: world.now,
    };
    let view = rule.view(world);
    world.ec2.security_group_rules.insert(rule.id.clone(), rule);
    view
}

/// A rule holds the group that it names, unless it is the group's own.
pub(super) fn references(world: &World) -> Vec<Reference> {
    let named = |rule: &SecurityGroupRule| match &rule.permission.peer {
        Peer::Group(peer) if *peer != rule.group => Some(Reference::new(&rule.id, peer)),
        _ => None,
    };
    world.ec2.security_group_rules.values().filter_map(named).collect()
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let listing = Listing::new("SecurityGroupRuleId", "securityGroupRuleSet");
    list(world, &world.ec2.security_group_rules, params, &listing)
}

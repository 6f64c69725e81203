//! Granting, changing and revoking the rules of a security group.

use serde_json::json;

use super::describe::{Described, find, find_mut};
use super::done;
use super::permission::Permission;
use super::permission_request::{read_rule, read_sets};
use super::security_group_rule::{Direction, SecurityGroupRule, insert};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags;
use crate::world::World;

/// The quota of rules in a group, for each direction.
const LIMIT: usize = 60;

pub(super) fn authorize_ingress(world: &mut World, params: &Params) -> Answer {
    authorize(world, params, Direction::Ingress)
}

pub(super) fn authorize_egress(world: &mut World, params: &Params) -> Answer {
    authorize(world, params, Direction::Egress)
}

pub(super) fn revoke_ingress(world: &mut World, params: &Params) -> Answer {
    revoke(world, params, Direction::Ingress)
}

pub(super) fn revoke_egress(world: &mut World, params: &Params) -> Answer {
    revoke(world, params, Direction::Egress)
}

/// Adds all rules of a call, or none.
fn authorize(world: &mut World, params: &Params, direction: Direction) -> Answer {
    let group = find(&world.ec2.security_groups, params.text("GroupId")?)?.id.clone();
    let tags = tags::read_specification(params, "security-group-rule")?;
    let wanted = read_sets(world, params, &group)?;
    if wanted.is_empty() {
        return Err(params.missing("IpPermissions"));
    }
    let mut views = Vec::new();
    for (at, (permission, description)) in wanted.iter().enumerate() {
        if wanted[..at].iter().any(|(earlier, _)| earlier == permission) {
            let words = "The same permission must not appear multiple times";
            return Err(Refusal::illegal("InvalidParameterValue", words));
        }
        if matching(world, &group, direction, permission).is_some() {
            return Err(duplicate(permission));
        }
        views.push(insert(world, &group, direction, permission.clone(), description.clone(), &tags));
    }
    let all = world.ec2.security_group_rules.values();
    if all.filter(|rule| rule.group == group && rule.direction == direction).count() > LIMIT {
        let words = "The maximum number of rules per security group has been reached.";
        return Err(Refusal::illegal("RulesPerSecurityGroupLimitExceeded", words));
    }
    Ok(json!({ "return": true, "securityGroupRuleSet": views }))
}

/// Removes all rules of a call, named by id or by what they allow, or none.
fn revoke(world: &mut World, params: &Params, direction: Direction) -> Answer {
    let group = find(&world.ec2.security_groups, params.text("GroupId")?)?.id.clone();
    let mut ids = params.texts("SecurityGroupRuleId")?;
    for id in &ids {
        if find_in(world, &group, id)?.direction != direction {
            return Err(foreign(id));
        }
    }
    for (permission, _) in read_sets(world, params, &group)? {
        let rule = matching(world, &group, direction, &permission).ok_or_else(|| {
            let words = "The specified rule does not exist in this security group.";
            Refusal::absent("InvalidPermission.NotFound", words)
        })?;
        ids.push(rule.id.clone());
    }
    if ids.is_empty() {
        return Err(params.missing("IpPermissions"));
    }
    ids.iter().for_each(|id| drop(world.ec2.security_group_rules.remove(id)));
    done()
}

fn matching<'a>(
    world: &'a World,
    group: &str,
    direction: Direction,
    permission: &Permission,
) -> Option<&'a SecurityGroupRule> {
    let mut rules = world.ec2.security_group_rules.values();
    rules.find(|rule| rule.group == group && rule.direction == direction && rule.permission == *permission)
}

/// Changes rules in place: they keep their ids.
pub(super) fn modify(world: &mut World, params: &Params) -> Answer {
    let group = find(&world.ec2.security_groups, params.text("GroupId")?)?.id.clone();
    let changes = params.objects("SecurityGroupRule")?;
    if changes.is_empty() {
        return Err(params.missing("SecurityGroupRule"));
    }
    for change in changes {
        let id = change.text("SecurityGroupRuleId")?;
        let direction = find_in(world, &group, id)?.direction;
        let wanted =
            change.object("SecurityGroupRule")?.ok_or_else(|| change.missing("SecurityGroupRule"))?;
        let (permission, description) = read_rule(world, &wanted, &group)?;
        if matching(world, &group, direction, &permission).is_some_and(|rule| rule.id != id) {
            return Err(duplicate(&permission));
        }
        let rule = find_mut(&mut world.ec2.security_group_rules, id)?;
        rule.permission = permission;
        rule.description = description;
    }
    done()
}

fn duplicate(permission: &Permission) -> Refusal {
    let words = format!("the specified rule \"{permission}\" already exists");
    Refusal::illegal("InvalidPermission.Duplicate", words)
}

/// The rule with this id, which must be one of the group's.
fn find_in<'a>(world: &'a World, group: &str, id: &str) -> Result<&'a SecurityGroupRule, Refusal> {
    let rule = find(&world.ec2.security_group_rules, id)?;
    if rule.group == group { Ok(rule) } else { Err(foreign(id)) }
}

fn foreign(id: &str) -> Refusal {
    Refusal::illegal(SecurityGroupRule::KIND.absent, SecurityGroupRule::KIND.words.replace("{id}", id))
}

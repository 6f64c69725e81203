//! Security groups. Their rules live in a table of their own.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Described, Kind, Listing, describe as list, find};
use super::security_group_rule::{Direction, SecurityGroupRule};
use super::{permission, security_group_rule};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::reference::{Reference, refuse_if_held};
use crate::tags::{self, Tags};
use crate::world::World;

/// The name of the group that every VPC has.
const DEFAULT: &str = "default";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SecurityGroup {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) vpc: String,
    pub(crate) tags: Tags,
    description: String,
    created: f64,
}

impl SecurityGroup {
    fn arn(&self, world: &World) -> String {
        world.arn("ec2", &format!("security-group/{}", self.id))
    }

    fn rules<'a>(
        &'a self,
        world: &'a World,
        direction: Direction,
    ) -> impl Iterator<Item = &'a SecurityGroupRule> {
        let all = world.ec2.security_group_rules.values();
        all.filter(move |rule| rule.group == self.id && rule.direction == direction)
    }
}

impl Described for SecurityGroup {
    const KIND: Kind = Kind {
        prefix: "sg",
        words: "The security group '{id}' does not exist",
        absent: "InvalidGroup.NotFound",
        malformed: "InvalidGroupId.Malformed",
    };

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn created(&self) -> f64 {
        self.created
    }

    fn filter(&self, name: &str, world: &World) -> Option<Vec<String>> {
        let of_rules = |direction, name: &str| {
            let rules = self.rules(world, direction);
            rules.map(|rule| rule.permission.filter(name)).collect::<Option<Vec<_>>>().map(|all| all.concat())
        };
        if let Some(name) = name.strip_prefix("egress.ip-permission.") {
            return of_rules(Direction::Egress, name);
        }
        if let Some(name) = name.strip_prefix("ip-permission.") {
            return of_rules(Direction::Ingress, name);
        }
        Some(vec![match name {
            "group-id" => self.id.clone(),
            "group-name" => self.name.clone(),
            "description" => self.description.clone(),
            "vpc-id" => self.vpc.clone(),
            "owner-id" => world.account.clone(),
            _ => return None,
        }])
    }

    fn view(&self, world: &World) -> Value {
        let permissions = |direction| permission::merged(self.rules(world, direction), world);
        json!({
            "groupId": self.id,
            "groupName": self.name,
            "groupDescription": self.description,
            "vpcId": self.vpc,
            "ownerId": world.account,
            "securityGroupArn": self.arn(world),
            "ipPermissions": permissions(Direction::Ingress),
            "ipPermissionsEgress": permissions(Direction::Egress),
            "tagSet": tags::lower(&self.tags),
        })
    }
}

/// Makes the group that every VPC has, open within itself and to the outside.
pub(super) fn create_default(world: &mut World, vpc: &str) {
    let group = insert(world, vpc, DEFAULT, "default VPC security group", Tags::new());
    security_group_rule::allow_members(world, &group.id);
    security_group_rule::allow_all_egress(world, &group.id);
}

/// Removes the default group together with its VPC.
pub(super) fn forget_default(world: &mut World, vpc: &str) {
    let group =
        world.ec2.security_groups.values().find(|group| group.vpc == vpc).map(|group| group.id.clone());
    if let Some(group) = group {
        remove(world, &group);
    }
}

/// All groups but the default ones hold their VPC.
pub(super) fn references(world: &World) -> Vec<Reference> {
    let groups = world.ec2.security_groups.values().filter(|group| group.name != DEFAULT);
    groups.map(|group| Reference::new(&group.id, &group.vpc)).collect()
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let vpc = find(&world.ec2.vpcs, params.text("VpcId")?)?.id.clone();
    let name = params.text("GroupName")?;
    let description = params.text("GroupDescription")?;
    check_text(params, "groupName", name)?;
    check_text(params, "groupDescription", description)?;
    if name == DEFAULT {
        let words = format!("Cannot use reserved security group name: {name}");
        return Err(Refusal::illegal("InvalidParameterValue", words));
    }
    if name.starts_with("sg-") {
        return Err(params.invalid("groupName", name, "Group names may not be in the format sg-*."));
    }
    let tags = tags::read_specification(params, "security-group")?;
    if world.ec2.security_groups.values().any(|group| group.vpc == vpc && group.name == name) {
        let words = format!("The security group '{name}' already exists for VPC '{vpc}'");
        return Err(Refusal::illegal("InvalidGroup.Duplicate", words));
    }
    let group = insert(world, &vpc, name, description, tags);
    security_group_rule::allow_all_egress(world, &group.id);
    Ok(json!({
        "return": true,
        "groupId": group.id,
        "securityGroupArn": group.arn(world),
        "tagSet": tags::lower(&group.tags),
    }))
}

fn check_text(params: &Params, name: &str, text: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    if text.is_empty() || text.len() > 255 || !text.chars().all(allowed) {
        let why = "Character sets beyond ASCII are not supported, and the length is 1 to 255.";
        return Err(params.invalid(name, text, why));
    }
    Ok(())
}

fn insert(world: &mut World, vpc: &str, name: &str, description: &str, tags: Tags) -> SecurityGroup {
    let group = SecurityGroup {
        id: world.id("sg"),
        name: name.to_owned(),
        vpc: vpc.to_owned(),
        tags,
        description: description.to_owned(),
        created: world.now,
    };
    world.ec2.security_groups.insert(group.id.clone(), group.clone());
    group
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    list(world, &world.ec2.security_groups, params, &Listing::new("GroupId", "securityGroupInfo"))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let id = params.text("GroupId")?;
    let group = find(&world.ec2.security_groups, id)?;
    if group.name == DEFAULT {
        let words = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(Refusal::illegal("CannotDelete", words));
    }
    refuse_if_held(world, id, &format!("resource {id} has a dependent object"))?;
    remove(world, id);
    Ok(json!({ "return": true, "groupId": id }))
}

fn remove(world: &mut World, id: &str) {
    world.ec2.security_groups.remove(id);
    world.ec2.security_group_rules.retain(|_, rule| rule.group != id);
}

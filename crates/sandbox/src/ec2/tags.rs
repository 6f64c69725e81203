//! Tags that are put on, or taken from, things that exist.

use super::describe::find_mut;
use super::{Ec2, done};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

/// The tags of any thing of EC2.
fn of<'a>(ec2: &'a mut Ec2, id: &str) -> Result<&'a mut Tags, Refusal> {
    let prefix = id.split('-').next().unwrap_or_default();
    Ok(match prefix {
        "vpc" => &mut find_mut(&mut ec2.vpcs, id)?.tags,
        "subnet" => &mut find_mut(&mut ec2.subnets, id)?.tags,
        "igw" => &mut find_mut(&mut ec2.internet_gateways, id)?.tags,
        "eipalloc" => &mut find_mut(&mut ec2.addresses, id)?.tags,
        "nat" => &mut find_mut(&mut ec2.nat_gateways, id)?.tags,
        "rtb" => &mut find_mut(&mut ec2.route_tables, id)?.tags,
        "sg" => &mut find_mut(&mut ec2.security_groups, id)?.tags,
        "sgr" => &mut find_mut(&mut ec2.security_group_rules, id)?.tags,
        "pcx" => &mut find_mut(&mut ec2.peerings, id)?.tags,
        "eni" => &mut find_mut(&mut ec2.network_interfaces, id)?.tags,
        _ => return Err(Refusal::illegal("InvalidID", format!("The ID '{id}' is not valid"))),
    })
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let added = tags::read(params, "Tag", "Key", "Value")?;
    for id in read_ids(params)? {
        let tags = of(&mut world.ec2, &id)?;
        tags.extend(added.clone());
        tags::check_count(tags)?;
    }
    done()
}

/// Without tags, all of them go; a tag with a value goes only if it has that value.
pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let mut removed = Vec::new();
    for tag in params.objects("Tag")? {
        removed.push((tag.text("Key")?, tag.text_if("Value")?));
    }
    for id in read_ids(params)? {
        let tags = of(&mut world.ec2, &id)?;
        let goes = |key: &str, value: &str| {
            removed.is_empty()
                || removed.iter().any(|(name, only)| *name == key && only.is_none_or(|only| only == value))
        };
        tags.retain(|key, value| !goes(key, value));
    }
    done()
}

fn read_ids(params: &Params) -> Result<Vec<String>, Refusal> {
    let ids = params.texts("ResourceId")?;
    if ids.is_empty() { Err(params.missing("ResourceId")) } else { Ok(ids) }
}

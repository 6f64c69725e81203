//! Tags of repositories, by ARN.

use serde_json::{Value, json};

use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

fn absent(arn: &str) -> Refusal {
    Refusal::absent("RepositoryNotFoundException", format!("The repository {arn} does not exist"))
}

fn of_mut<'a>(world: &'a mut World, params: &Params) -> Result<&'a mut Tags, Refusal> {
    let arn = params.text("resourceArn")?;
    let found = world.ecr.repositories.values_mut().find(|repository| repository.arn == arn);
    found.map(|repository| &mut repository.tags).ok_or_else(|| absent(arn))
}

pub(super) fn tag(world: &mut World, params: &Params) -> Answer {
    let added = tags::read(params, "tags", "Key", "Value")?;
    let own = of_mut(world, params)?;
    own.extend(added);
    tags::check_count(own)?;
    Ok(Value::Null)
}

pub(super) fn untag(world: &mut World, params: &Params) -> Answer {
    let keys = params.texts("tagKeys")?;
    of_mut(world, params)?.retain(|key, _| !keys.contains(key));
    Ok(Value::Null)
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let arn = params.text("resourceArn")?;
    let found = world.ecr.repositories.values().find(|repository| repository.arn == arn);
    Ok(json!({ "tags": tags::upper(&found.ok_or_else(|| absent(arn))?.tags) }))
}

//! Tags of scalable targets, which come as maps and by ARN.

use serde_json::{Value, json};

use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

fn of_mut<'a>(world: &'a mut World, params: &Params) -> Result<&'a mut Tags, Refusal> {
    let arn = params.text("ResourceARN")?;
    let target = world.applicationautoscaling.targets.values_mut().find(|target| target.arn == arn);
    target.map(|target| &mut target.tags).ok_or_else(|| absent(arn))
}

fn absent(arn: &str) -> Refusal {
    Refusal::absent("ResourceNotFoundException", format!("The specified resource doesn't exist: {arn}"))
}

pub(super) fn tag(world: &mut World, params: &Params) -> Answer {
    let added = tags::read_map(params, "Tags")?;
    let own = of_mut(world, params)?;
    own.extend(added);
    tags::check_count(own)?;
    Ok(Value::Null)
}

pub(super) fn untag(world: &mut World, params: &Params) -> Answer {
    let keys = params.texts("TagKeys")?;
    of_mut(world, params)?.retain(|key, _| !keys.contains(key));
    Ok(Value::Null)
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let arn = params.text("ResourceARN")?;
    let target = world.applicationautoscaling.targets.values().find(|target| target.arn == arn);
    Ok(json!({ "Tags": target.ok_or_else(|| absent(arn))?.tags }))
}

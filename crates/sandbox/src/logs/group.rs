//! Log groups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::stream::LogStream;
use super::{kms, tagging};
use crate::call::{Answer, Refusal};
use crate::page::Paging;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

/// The days for which events can be kept.
const RETENTIONS: &[i64] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const PAGING: Paging = Paging { limit: "limit", smallest: 1, largest: 50, token: "nextToken" };

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LogGroup {
    pub(crate) name: String,
    pub(crate) tags: Tags,
    created: f64,
    class: String,
    /// In days; without it events are kept for ever.
    retention: Option<i64>,
    deletion_protection: bool,
    /// The ARN of the key that seals new events, if it is not AWS's own.
    pub(super) key: Option<String>,
    /// What was written into it, by stream.
    #[serde(default)]
    pub(super) streams: BTreeMap<String, LogStream>,
}

impl LogGroup {
    pub(super) fn arn(&self, world: &World) -> String {
        world.arn("logs", &format!("log-group:{}", self.name))
    }

    fn view(&self, world: &World) -> Value {
        let arn = self.arn(world);
        json!({
            "logGroupName": self.name,
            "logGroupArn": arn,
            "arn": format!("{arn}:*"),
            "creationTime": (self.created * 1000.0) as i64,
            "logGroupClass": self.class,
            "metricFilterCount": 0,
            "storedBytes": 0,
            "deletionProtectionEnabled": self.deletion_protection,
            "retentionInDays": self.retention,
            "kmsKeyId": self.key,
        })
    }
}

/// What is said of a group that is not there.
pub(super) fn absent() -> Refusal {
    Refusal::absent("ResourceNotFoundException", "The specified log group does not exist.")
}

pub(super) fn find_mut<'a>(world: &'a mut World, params: &Params) -> Result<&'a mut LogGroup, Refusal> {
    world.logs.groups.get_mut(params.text("logGroupName")?).ok_or_else(absent)
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let name = params.text("logGroupName")?.to_owned();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-/#".contains(c);
    if name.is_empty() || name.len() > 512 || !name.chars().all(allowed) {
        return Err(params.invalid(
            "logGroupName",
            name,
            "It must match [\\.\\-_/#A-Za-z0-9]+ and be short.",
        ));
    }
    let class = params.text_if("logGroupClass")?.unwrap_or("STANDARD").to_owned();
    if !["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"].contains(&class.as_str()) {
        return Err(params.invalid("logGroupClass", class, "There is no such class."));
    }
    let tags = tags::read_map(params, "tags")?;
    let key = kms::read(world, params, &name)?;
    let deletion_protection = params.flag("deletionProtectionEnabled")?.unwrap_or_default();
    if world.logs.groups.contains_key(&name) {
        let words = "The specified log group already exists";
        return Err(Refusal::illegal("ResourceAlreadyExistsException", words));
    }
    let group = LogGroup {
        name: name.clone(),
        tags,
        created: world.now,
        class,
        retention: None,
        deletion_protection,
        key,
        streams: BTreeMap::new(),
    };
    world.logs.groups.insert(name, group);
    Ok(Value::Null)
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let prefix = params.text_if("logGroupNamePrefix")?;
    let pattern = params.text_if("logGroupNamePattern")?;
    if prefix.is_some() && pattern.is_some() {
        let words = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
        return Err(Refusal::illegal("InvalidParameterException", words));
    }
    let class = params.text_if("logGroupClass")?;
    let identifiers = params.texts("logGroupIdentifiers")?;
    let asked = |group: &&LogGroup| {
        let folded = group.name.to_lowercase();
        prefix.is_none_or(|prefix| group.name.starts_with(prefix))
            && pattern.is_none_or(|pattern| folded.contains(&pattern.to_lowercase()))
            && class.is_none_or(|class| group.class == class)
            && (identifiers.is_empty()
                || identifiers.contains(&group.name)
                || identifiers.contains(&group.arn(world)))
    };
    let visible = world.logs.groups.values().filter(|group| !world.hides(group.created));
    let views = visible.filter(asked).map(|group| (group.name.clone(), group.view(world))).collect();
    PAGING.answer(params, "logGroups", views)
}

pub(super) fn put_retention_policy(world: &mut World, params: &Params) -> Answer {
    let days = params.number("retentionInDays")?.ok_or_else(|| params.missing("retentionInDays"))?;
    if !RETENTIONS.contains(&days) {
        let why = "Valid values are 1, 3, 5, 7, 14, 30, 60, 90 and further whole months and years.";
        return Err(params.invalid("retentionInDays", days, why));
    }
    find_mut(world, params)?.retention = Some(days);
    Ok(Value::Null)
}

pub(super) fn delete_retention_policy(world: &mut World, params: &Params) -> Answer {
    find_mut(world, params)?.retention = None;
    Ok(Value::Null)
}

pub(super) fn put_deletion_protection(world: &mut World, params: &Params) -> Answer {
    let wanted = params.flag("deletionProtectionEnabled")?;
    let wanted = wanted.ok_or_else(|| params.missing("deletionProtectionEnabled"))?;
    let name = tagging::name_of(world, params.text("logGroupIdentifier")?);
    world.logs.groups.get_mut(&name).ok_or_else(absent)?.deletion_protection = wanted;
    Ok(Value::Null)
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let group = find_mut(world, params)?;
    if group.deletion_protection {
        let words = "The log group is protected from deletion. Disable deletion protection and try again.";
        return Err(Refusal::illegal("ValidationException", words));
    }
    let name = group.name.clone();
    world.logs.groups.remove(&name);
    Ok(Value::Null)
}

//! The list of all secrets.

use super::Secret;
use crate::call::{Answer, Refusal};
use crate::page::Paging;
use crate::params::Params;
use crate::world::World;

const PAGING: Paging = Paging { limit: "MaxResults", smallest: 1, largest: 100, token: "NextToken" };

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let with_deleted = params.flag("IncludePlannedDeletion")?.unwrap_or_default();
    let mut filters = Vec::new();
    for filter in params.objects("Filters")? {
        filters.push((filter.text("Key")?.to_owned(), filter.texts("Values")?));
    }
    let mut views = Vec::new();
    for (name, secret) in &world.secretsmanager.secrets {
        let is_listed = !world.hides(secret.created) && (with_deleted || secret.deletion.is_none());
        let mut passes = is_listed;
        for (key, wanted) in &filters {
            passes &= matches(params, secret, key, wanted)?;
        }
        if passes {
            views.push((name.clone(), secret.view("SecretVersionsToStages")));
        }
    }
    PAGING.answer(params, "SecretList", views)
}

/// Whether a secret has a value that begins as wanted; a `!` before that turns it round.
fn matches(params: &Params, secret: &Secret, key: &str, wanted: &[String]) -> Result<bool, Refusal> {
    let values: Vec<&String> = match key {
        "name" => vec![&secret.name],
        "tag-key" => secret.tags.keys().collect(),
        "tag-value" => secret.tags.values().collect(),
        other => return Err(params.invalid("Filters.Key", other, "The sandbox does not model this filter.")),
    };
    let begins = |text: &str| values.iter().any(|value| value.starts_with(text));
    Ok(wanted.iter().any(|text| text.strip_prefix('!').map_or_else(|| begins(text), |text| !begins(text))))
}

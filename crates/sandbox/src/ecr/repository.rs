//! Repositories.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::image::Image;
use crate::call::{Answer, Refusal};
use crate::page::Paging;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

const PAGING: Paging = Paging { limit: "maxResults", smallest: 1, largest: 1000, token: "nextToken" };

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Repository {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) tags: Tags,
    pub(super) is_immutable: bool,
    pub(super) lifecycle: Option<String>,
    /// Images by digest.
    pub(super) images: BTreeMap<String, Image>,
    scan_on_push: bool,
    created: f64,
}

impl Repository {
    fn view(&self, world: &World) -> Value {
        json!({
            "repositoryArn": self.arn,
            "registryId": world.account,
            "repositoryName": self.name,
            "repositoryUri": format!("{}/{}", registry(world), self.name),
            "createdAt": self.created,
            "imageTagMutability": if self.is_immutable { "IMMUTABLE" } else { "MUTABLE" },
            "imageScanningConfiguration": { "scanOnPush": self.scan_on_push },
            "encryptionConfiguration": { "encryptionType": "AES256" },
        })
    }
}

/// The host of the account's registry.
pub(super) fn registry(world: &World) -> String {
    format!("{}.dkr.ecr.{}.amazonaws.com", world.account, world.region)
}

fn absent(world: &World, name: &str) -> Refusal {
    let words = format!(
        "The repository with name '{name}' does not exist in the registry with id '{}'",
        world.account
    );
    Refusal::absent("RepositoryNotFoundException", words)
}

/// The repository that a call names.
pub(super) fn find<'a>(world: &'a World, params: &Params) -> Result<&'a Repository, Refusal> {
    let name = params.text("repositoryName")?;
    let visible = world.ecr.repositories.get(name).filter(|repository| !world.hides(repository.created));
    visible.ok_or_else(|| absent(world, name))
}

/// The repository that a call names, to change it.
pub(super) fn find_mut<'a>(world: &'a mut World, params: &Params) -> Result<&'a mut Repository, Refusal> {
    let name = params.text("repositoryName")?;
    let unknown = absent(world, name);
    world.ecr.repositories.get_mut(name).ok_or(unknown)
}

fn read_mutability(params: &Params) -> Result<Option<bool>, Refusal> {
    match params.text_if("imageTagMutability")? {
        None => Ok(None),
        Some("MUTABLE") => Ok(Some(false)),
        Some("IMMUTABLE") => Ok(Some(true)),
        Some(other) => Err(params.invalid("imageTagMutability", other, "The sandbox models no exclusions.")),
    }
}

/// Whether images are to be searched, if a call says so; a configuration that says nothing says no.
fn read_scanning(params: &Params) -> Result<Option<bool>, Refusal> {
    let scanning = params.object("imageScanningConfiguration")?;
    scanning.map(|scanning| Ok(scanning.flag("scanOnPush")?.unwrap_or_default())).transpose()
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let name = params.text("repositoryName")?.to_owned();
    let is_part =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !(2..=256).contains(&name.len()) || !name.split(['.', '_', '-', '/']).all(is_part) {
        let why = "It must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'";
        return Err(params.invalid("repositoryName", name, why));
    }
    let repository = Repository {
        arn: world.arn("ecr", &format!("repository/{name}")),
        tags: tags::read(params, "tags", "Key", "Value")?,
        is_immutable: read_mutability(params)?.unwrap_or_default(),
        lifecycle: None,
        images: BTreeMap::new(),
        scan_on_push: read_scanning(params)?.unwrap_or_default(),
        created: world.now,
        name,
    };
    if world.ecr.repositories.contains_key(&repository.name) {
        let words = format!(
            "The repository with name '{}' already exists in the registry with id '{}'",
            repository.name, world.account
        );
        return Err(Refusal::illegal("RepositoryAlreadyExistsException", words));
    }
    let view = repository.view(world);
    world.ecr.repositories.insert(repository.name.clone(), repository);
    Ok(json!({ "repository": view }))
}

/// All of them, or those that are named; one that is not there fails the call.
pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let names = params.texts("repositoryNames")?;
    let visible = || world.ecr.repositories.values().filter(|repository| !world.hides(repository.created));
    if let Some(unknown) = names.iter().find(|name| !visible().any(|repository| repository.name == **name)) {
        return Err(absent(world, unknown));
    }
    let asked = visible().filter(|repository| names.is_empty() || names.contains(&repository.name));
    let views = asked.map(|repository| (repository.name.clone(), repository.view(world))).collect();
    PAGING.answer(params, "repositories", views)
}

pub(super) fn put_mutability(world: &mut World, params: &Params) -> Answer {
    let wanted = read_mutability(params)?.ok_or_else(|| params.missing("imageTagMutability"))?;
    find_mut(world, params)?.is_immutable = wanted;
    Ok(Value::Null)
}

pub(super) fn put_scanning(world: &mut World, params: &Params) -> Answer {
    let wanted = read_scanning(params)?.ok_or_else(|| params.missing("imageScanningConfiguration"))?;
    find_mut(world, params)?.scan_on_push = wanted;
    Ok(Value::Null)
}

/// A repository with images in it goes by force only.
pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let is_forced = params.flag("force")?.unwrap_or_default();
    let repository = find_mut(world, params)?.clone();
    if !is_forced && !repository.images.is_empty() {
        let words = format!(
            "The repository with name '{}' in registry with id '{}' cannot be deleted because it still contains images",
            repository.name, world.account
        );
        return Err(Refusal::blocked("RepositoryNotEmptyException", words));
    }
    world.ecr.repositories.remove(&repository.name);
    Ok(json!({ "repository": repository.view(world) }))
}

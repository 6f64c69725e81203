//! Images in repositories. What an image consists of is nobody's concern here.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::repository::{find, find_mut, registry};
use crate::call::{Answer, Refusal};
use crate::page::Paging;
use crate::params::Params;
use crate::world::World;

const PAGING: Paging = Paging { limit: "maxResults", smallest: 1, largest: 1000, token: "nextToken" };

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Image {
    manifest: String,
    tags: BTreeSet<String>,
}

/// The ARN of the account's own repository that an image is pulled from, and whether it is there; nothing if it comes
/// from another registry.
pub(crate) fn holds(world: &World, image: &str) -> Option<(String, bool)> {
    let path = image.strip_prefix(&registry(world))?.strip_prefix('/')?;
    let (name, digest) = path.split_once('@').map_or((path, None), |(name, digest)| (name, Some(digest)));
    let (name, tag) = name.split_once(':').unwrap_or((name, "latest"));
    let has = |image: &Image| image.tags.contains(tag);
    let repository = world.ecr.repositories.get(name);
    let is_there = repository.is_some_and(|repository| match digest {
        Some(digest) => repository.images.contains_key(digest),
        None => repository.images.values().any(has),
    });
    Some((world.arn("ecr", &format!("repository/{name}")), is_there))
}

/// Pushes an image. A tag that another image has moves, unless tags are for ever.
pub(super) fn put(world: &mut World, params: &Params) -> Answer {
    let manifest = params.text("imageManifest")?.to_owned();
    let tag = params.text_if("imageTag")?.map(str::to_owned);
    let fresh = format!("sha256:{}{}{}{}", world.hex(), world.hex(), world.hex(), world.hex());
    let repository = find_mut(world, params)?;
    let known = repository.images.iter().find(|(_, image)| image.manifest == manifest);
    let digest = known.map_or(fresh, |(digest, _)| digest.clone());
    let holder = |tag: &String| repository.images.iter().find(|(_, image)| image.tags.contains(tag));
    match tag.as_ref().and_then(holder) {
        Some((holder, _)) if *holder == digest => {
            let words = "Image with this digest and tag already exists in the repository";
            return Err(Refusal::illegal("ImageAlreadyExistsException", words));
        }
        Some(_) if repository.is_immutable => {
            let words = "The image tag already exists in the repository and cannot be overwritten because it is immutable.";
            return Err(Refusal::illegal("ImageTagAlreadyExistsException", words));
        }
        _ => {}
    }
    for image in repository.images.values_mut() {
        image.tags.retain(|own| Some(own) != tag.as_ref());
    }
    let image = Image { manifest, tags: BTreeSet::new() };
    repository.images.entry(digest.clone()).or_insert(image).tags.extend(tag.clone());
    let image = json!({ "imageDigest": digest, "imageTag": tag });
    Ok(json!({ "image": { "repositoryName": repository.name, "imageId": image } }))
}

/// One entry for every tag; an image without one has one entry.
pub(super) fn list(world: &World, params: &Params) -> Answer {
    let repository = find(world, params)?;
    let mut ids = Vec::new();
    for (digest, image) in &repository.images {
        if image.tags.is_empty() {
            ids.push((digest.clone(), json!({ "imageDigest": digest })));
        }
        let tagged =
            |tag: &String| (format!("{digest} {tag}"), json!({ "imageDigest": digest, "imageTag": tag }));
        ids.extend(image.tags.iter().map(tagged));
    }
    PAGING.answer(params, "imageIds", ids)
}

/// The images that are named, each of which must be there; else all.
pub(super) fn describe(world: &World, params: &Params) -> Answer {
    if let Some(account) = params.text_if("registryId")?.filter(|account| **account != *world.account) {
        let words = format!("User: {} is not authorized to look into the registry {account}", world.user());
        return Err(Refusal::illegal("AccessDeniedException", words));
    }
    let repository = find(world, params)?;
    let mut wanted = Vec::new();
    for id in params.objects("imageIds")? {
        let (digest, tag) = (id.text_if("imageDigest")?, id.text_if("imageTag")?);
        let mut images = repository.images.iter();
        let is_it = |(own, image): &(&String, &Image)| match (digest, tag) {
            (Some(digest), _) => *own == digest,
            (None, tag) => tag.is_some_and(|tag| image.tags.contains(tag)),
        };
        let found = images.find(is_it).ok_or_else(|| {
            let shown = |text: Option<&str>| text.unwrap_or("null").to_owned();
            let words = format!(
                "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with \
                 name '{}' in the registry with id '{}'",
                shown(digest), shown(tag), repository.name, world.account
            );
            Refusal::absent("ImageNotFoundException", words)
        })?;
        wanted.push(found);
    }
    let wanted = if wanted.is_empty() { repository.images.iter().collect() } else { wanted };
    let view = |(digest, image): (&String, &Image)| {
        let detail = json!({
            "registryId": world.account,
            "repositoryName": repository.name,
            "imageDigest": digest,
            "imageTags": image.tags,
        });
        (digest.clone(), detail)
    };
    PAGING.answer(params, "imageDetails", wanted.into_iter().map(view).collect())
}

/// Deletes images by digest.
pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let mut digests = Vec::new();
    for id in params.objects("imageIds")? {
        digests.push(id.text("imageDigest")?.to_owned());
    }
    let repository = find_mut(world, params)?;
    repository.images.retain(|digest, _| !digests.contains(digest));
    let deleted: Vec<Value> = digests.iter().map(|digest| json!({ "imageDigest": digest })).collect();
    Ok(json!({ "imageIds": deleted, "failures": [] }))
}

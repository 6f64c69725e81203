//! Whether an image is in a repository of ECR.

use aws_sdk_ecr::types::ImageIdentifier;
use sidekick_engine::{Class, Result};

use crate::Aws;
use crate::fault::Answer;

/// An image in a repository of the region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The registry: its account.
    pub account: String,
    /// The repository's name.
    pub repository: String,
    /// Its digest, if it is named by one, which counts before a tag.
    pub digest: Option<String>,
    /// Its tag.
    pub tag: Option<String>,
}

/// Whether the repository holds the image.
///
/// # Errors
/// When the repository may not be looked at.
pub async fn has_image(aws: &Aws, image: &Image) -> Result<bool> {
    let id = ImageIdentifier::builder().set_image_digest(image.digest.clone());
    let id = match image.digest {
        Some(_) => id.build(),
        None => id.set_image_tag(image.tag.clone()).build(),
    };
    let call = aws.ecr.describe_images().registry_id(&image.account).repository_name(&image.repository);
    match call.image_ids(id).send().await.or_fault("ecr DescribeImages") {
        Ok(found) => Ok(!found.image_details().is_empty()),
        Err(fault) if fault.class == Class::Gone => Ok(false),
        Err(fault) => Err(fault),
    }
}

//! The ECR repository for the application's image.

use super::names::{Project, REPOSITORY};
use super::value::Value;

/// The ECR repository for the application's image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The repository's name.
    pub name: String,
    /// Whether an image is searched for known weaknesses when it is pushed.
    pub scan_on_push: bool,
    /// Whether a tag stands for one image for ever.
    pub immutable_tags: bool,
    /// How many images are kept, the newest; 0 keeps all.
    pub keep_images: u32,
    /// Whether the repository may be deleted with images in it.
    pub force_delete: bool,
}

/// Every key is checked, also while the repository is switched off.
pub(super) fn read(table: &Value<'_>, project: &Project<'_>) -> Option<Repository> {
    let repository = Repository {
        name: table.at("name").name(project, &REPOSITORY),
        scan_on_push: table.at("scan_on_push").flag(),
        immutable_tags: table.at("immutable_tags").flag(),
        keep_images: table.at("keep_images").number(0..=10_000),
        force_delete: table.at("force_delete").flag(),
    };
    table.at("enabled").flag().then_some(repository)
}

//! The tags of each resource, and the words that several rooms share.

use sidekick_aws::Tags;

use crate::config::Config;

/// The configured tags with the resource's `Name`.
pub(crate) fn tags(config: &Config, name: &str) -> Tags {
    let mut tags = config.tags.clone();
    tags.insert("Name".to_owned(), name.to_owned());
    tags
}

/// The configured tags with a name made of the project's, such as `sidekick-vpc`.
pub(crate) fn tags_of(config: &Config, suffix: &str) -> Tags {
    tags(config, &config.resource_name(suffix))
}

/// The whole internet.
pub(crate) const ANYWHERE: &str = "0.0.0.0/0";

//! Profiles: sets of defaults that come with sidekick and lie between `default.toml` and the environment's own file.

use super::project::Config;
use super::security::Posture;
use super::source::{Layer, Source};
use super::tree::{self, Node};
use super::value::Value;

/// What an environment is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Profile {
    /// Nothing beyond `default.toml`.
    #[default]
    Dev,
    /// Kept from loss, from the failure of one zone, and from prying.
    Production,
}

const KEY: &str = "profile";

const PRODUCTION: &str = include_str!("profiles/production.toml");

/// The profiles by name, with the values that each sets.
const PROFILES: &[(&str, Profile, &str)] =
    &[("dev", Profile::Dev, ""), ("production", Profile::Production, PRODUCTION)];

/// Which profile is chosen; without the key it is that of development.
pub(super) fn read(root: &Value<'_>) -> Profile {
    let words: Vec<_> = PROFILES.iter().map(|(name, profile, _)| (*name, *profile)).collect();
    root.at(KEY).optional().map_or(Profile::Dev, |value| value.choice(&words))
}

/// Lays the chosen profile over the default values and the environment's own over both. A name that there is not is
/// reported when it is [read].
pub(super) fn overlay(default: Node, own: Node) -> Node {
    let chosen = [&own, &default].into_iter().find_map(|file| file.content.as_table()?.get(KEY));
    let chosen = chosen.and_then(|value| value.content.as_text());
    let profile = PROFILES.iter().find(|(name, ..)| Some(*name) == chosen).map(|(name, _, text)| {
        let source = Source::new(Layer::Profile, &format!("profile {name}"), text);
        tree::parse(&source, text).expect("the profiles that ship are valid")
    });
    match profile {
        Some(profile) => tree::overlay(tree::overlay(default, profile), own),
        None => tree::overlay(default, own),
    }
}

impl Config {
    /// What is not as it is expected of production, in sentences; nothing for other profiles, and nothing that is wrong.
    pub fn advice(&self) -> Vec<String> {
        if self.profile != Profile::Production {
            return Vec::new();
        }
        let Self { database, cache, alb, security, service, secrets, .. } = self;
        let advice = [
            (
                alb.certificate_arn.is_none(),
                "requests are not encrypted: give `alb.certificate_arn` for HTTPS",
            ),
            (
                !service.image.contains("@sha256:"),
                "the tag of `service.image` can be moved: give the image by digest (…@sha256:…)",
            ),
            (
                service.autoscaling.is_none() && service.desired_count < 2,
                "the loss of one task stops the service: raise `service.desired_count`",
            ),
            (
                service.autoscaling.as_ref().is_some_and(|autoscaling| autoscaling.min < 2),
                "the loss of one task stops the service: raise `service.autoscaling.min`",
            ),
            (security.posture != Posture::Strict, "`security.posture` is not \"strict\""),
            (!database.deletion_protection, "`database.deletion_protection` is off"),
            (!database.final_snapshot, "`database.final_snapshot` is off"),
            (!database.multi_az, "`database.multi_az` is off"),
            (
                database.backup_retention_days < 7,
                "backups are kept for less than a week: `database.backup_retention_days`",
            ),
            (!cache.multi_az, "`cache.multi_az` is off"),
            (!alb.deletion_protection, "`alb.deletion_protection` is off"),
            (
                secrets.recovery_window_days == 0,
                "secrets are deleted at once: `secrets.recovery_window_days` is 0",
            ),
        ];
        advice.into_iter().filter(|(applies, _)| *applies).map(|(_, words)| words.to_owned()).collect()
    }
}

//! Profiles: sets of defaults that come with sidekick and lie between `default.toml` and the environment's own file.

use ipnet::Ipv4Net;

use super::cidr;
use super::project::Config;
use super::public_alb::PublicAlb;
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
    /// What an application as that of today cannot do with, in sentences; told whatever the environment is for.
    pub fn cautions(&self) -> Vec<String> {
        let Self { cache, .. } = self;
        let cautions = [
            (
                cache.transit_encryption,
                "`cache.transit_encryption` is on: an application that opens plain connections to Redis, as that of today \
                 does, cannot connect and its tasks stop; `service.image` has to speak TLS",
            ),
            (
                cache.auth_token,
                "`cache.auth_token` is on: connections without TLS and REDIS_PASSWORD are refused, and ElastiCache takes no \
                 token back: to be without one, the cache is replaced",
            ),
        ];
        told(cautions).into_iter().chain(self.cautions_about_the_allow_list()).collect()
    }

    /// Who is let in to a load balancer and then blocked by the web ACL in front of it.
    fn cautions_about_the_allow_list(&self) -> Vec<String> {
        let listed = self.waf.as_ref().map(|waf| waf.allow_list.as_slice()).unwrap_or_default();
        let meets = |block: &Ipv4Net| listed.iter().any(|listed| cidr::overlap(*listed, *block));
        let mut inside = self.peers.iter().map(|peer| &peer.cidr).chain([&self.network.vpc_cidr]);
        let public = self.public_alb.as_ref();
        let blocks = !listed.is_empty();
        told([
            (
                blocks && !inside.any(meets),
                "`waf.allow_list` has no address of the VPC or of a peer: the web ACL blocks everyone who reaches the \
                 internal load balancer",
            ),
            (
                blocks && public.is_some_and(|public| !public.allowed_cidrs.iter().any(meets)),
                "`waf.allow_list` has no address of `public_alb.allowed_cidrs`: the web ACL blocks everyone who reaches the \
                 public load balancer",
            ),
        ])
    }

    /// What to think about: the cautions, and for production what is not as it is expected of it. Nothing that is wrong.
    pub fn advice(&self) -> Vec<String> {
        let mut advice = self.cautions();
        if self.profile == Profile::Production {
            advice.extend(self.advice_on_production());
        }
        advice
    }

    fn advice_on_production(&self) -> Vec<String> {
        let Self { database, cache, alb, public_alb, security, service, secrets, .. } = self;
        let of_public = |is_lax: fn(&PublicAlb) -> bool| public_alb.as_ref().is_some_and(is_lax);
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
            (of_public(|public| !public.alb.deletion_protection), "`public_alb.deletion_protection` is off"),
            (
                of_public(|public| public.alb.certificate_arn.is_none()),
                "requests from the internet are not encrypted: give `public_alb.certificate_arn` for HTTPS",
            ),
            (
                secrets.recovery_window_days == 0,
                "secrets are deleted at once: `secrets.recovery_window_days` is 0",
            ),
        ];
        told(advice)
    }
}

/// The sentences that apply.
fn told<const N: usize>(sentences: [(bool, &str); N]) -> Vec<String> {
    sentences.into_iter().filter(|(applies, _)| *applies).map(|(_, words)| words.to_owned()).collect()
}

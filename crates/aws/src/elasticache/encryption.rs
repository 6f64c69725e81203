//! How the data of a replication group and the connections to it are kept from others.

use aws_sdk_elasticache::operation::create_replication_group::builders::CreateReplicationGroupFluentBuilder;
use aws_sdk_elasticache::operation::modify_replication_group::builders::ModifyReplicationGroupFluentBuilder;
use aws_sdk_elasticache::types::{ReplicationGroup as Described, TransitEncryptionMode};
use serde::{Deserialize, Serialize};
use sidekick_engine::Diff;

use super::token::Token;
use crate::SecretArn;
use crate::secretsmanager::PasswordRef;

/// How the data of a replication group and the connections to it are kept from others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encryption {
    /// Whether what is stored is encrypted.
    pub at_rest_encryption: bool,
    /// The ARN of the key that encrypts it, of one's own; left out, whichever it has.
    #[serde(default)]
    pub kms_key_id: Option<String>,
    /// Whether clients must speak TLS.
    pub transit_encryption: bool,
    /// Whether they may do without all the same: half the way to TLS or away from it. Never asked for in the end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub transit_optional: bool,
    /// Where the token lies that clients must send, if they must; needs TLS.
    pub auth_token: Option<PasswordRef>,
}

impl Encryption {
    pub(super) fn compare(&self, diff: Diff, actual: &Self) -> Diff {
        let Self { at_rest_encryption, kms_key_id, transit_encryption, transit_optional, auth_token } = self;
        let diff = diff
            .immutable("at_rest_encryption", at_rest_encryption, &actual.at_rest_encryption)
            .immutable("kms_key_id", kms_key_id, &actual.kms_key_id)
            .mutable("transit_encryption", transit_encryption, &actual.transit_encryption)
            .mutable("transit_optional", transit_optional, &actual.transit_optional);
        // No API tells the token, only whether there is one; a tag of ours tells which.
        let key = |token: &Option<PasswordRef>| token.as_ref().map(|token| token.key.clone());
        let (key, its_key) = (key(auth_token), key(&actual.auth_token));
        // A token can take another one's place, but a group that wants one always will.
        if key.is_none() {
            diff.immutable("auth_token", &key, &its_key)
        } else {
            diff.mutable("auth_token", &key, &its_key)
        }
    }

    /// Reads it, by the wish where AWS's answer means the same in other words.
    pub(super) fn read(&self, group: &Described, token: &Token) -> Self {
        let secret = || self.auth_token.as_ref().map_or_else(|| SecretArn::new(""), |own| own.secret.clone());
        // The three are documented to be off where they are left out.
        let has_token = group.auth_token_enabled().unwrap_or(false);
        Self {
            at_rest_encryption: group.at_rest_encryption_enabled().unwrap_or(false),
            // Where no key was asked for, it is the one that AWS keeps for ElastiCache, and nobody's wish.
            kms_key_id: self.kms_key_id.as_ref().and(group.kms_key_id()).map(str::to_owned),
            transit_encryption: !matches!(Transit::of(group), Transit::Plain),
            transit_optional: matches!(Transit::of(group), Transit::Preferred),
            auth_token: has_token
                .then(|| PasswordRef { secret: secret(), key: token.taken(group).to_owned() }),
        }
    }

    pub(super) fn ask(
        &self,
        call: CreateReplicationGroupFluentBuilder,
    ) -> CreateReplicationGroupFluentBuilder {
        call.at_rest_encryption_enabled(self.at_rest_encryption)
            .set_kms_key_id(self.kms_key_id.clone())
            .transit_encryption_enabled(self.transit_encryption)
    }

    /// On the way to TLS, clients may do without until the service runs with it. ElastiCache takes no token meanwhile, so
    /// one that comes together with TLS comes before the service; and without TLS the group has another name, of which
    /// the service can only be told afterwards.
    pub(super) fn meanwhile(&self, actual: &Self) -> Self {
        let goes_over = self.transit_encryption && (!actual.transit_encryption || actual.transit_optional);
        Self { transit_optional: goes_over && self.auth_token.is_none(), ..self.clone() }
    }

    /// The next step towards TLS or away from it: there and back, clients may do as they like for a while.
    pub(super) fn step(
        &self,
        group: &Described,
        call: ModifyReplicationGroupFluentBuilder,
    ) -> ModifyReplicationGroupFluentBuilder {
        let mode = match (self.transit_encryption, Transit::of(group)) {
            (true, Transit::Plain) | (false, Transit::Required) => Some(TransitEncryptionMode::Preferred),
            (true, _) if self.transit_optional => Some(TransitEncryptionMode::Preferred),
            (true, _) => Some(TransitEncryptionMode::Required),
            (false, _) => None,
        };
        call.transit_encryption_enabled(mode.is_some()).set_transit_encryption_mode(mode)
    }
}

/// How clients may connect.
#[derive(Clone, Copy)]
enum Transit {
    Plain,
    /// With TLS or without.
    Preferred,
    /// With TLS only.
    Required,
}

impl Transit {
    fn of(group: &Described) -> Self {
        match (group.transit_encryption_enabled(), group.transit_encryption_mode()) {
            (Some(true), Some(TransitEncryptionMode::Preferred)) => Self::Preferred,
            (Some(true), _) => Self::Required,
            _ => Self::Plain,
        }
    }
}

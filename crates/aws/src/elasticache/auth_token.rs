//! ElastiCache AUTH token: that a replication group takes no other token than the present one.
//!
//! A new token first counts beside the old one, which the group itself sees to, so that clients can be told of it.

use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Owner, Pace, Resource, Result, Teardown};

use super::token::{self, Step, Token};
use super::{request, tags};
use crate::fault::missing;
use crate::secretsmanager::PasswordRef;
use crate::{Aws, ReplicationGroupId, SecretArn};

/// The only token that we want clients to have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthToken {
    /// The group that takes it.
    pub group: ReplicationGroupId,
    /// Where it lies.
    pub token: PasswordRef,
}

/// What dependents may read once no other token counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthTokenOutputs {
    /// The group that takes it.
    pub group: ReplicationGroupId,
}

impl Resource for AuthToken {
    const KIND: &'static str = "elasticache.auth_token";
    const UP: Pace = Pace::seconds(30, 60, 120, 3600);
    const TEARDOWN: Teardown = Teardown::Anytime;
    /// It goes with its group.
    const PARENTED: bool = true;

    type Cloud = Aws;
    type Id = ReplicationGroupId;
    type Outputs = AuthTokenOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { group, token } = self;
        Diff::default().immutable("group", group, &actual.group).mutable(
            "token",
            &token.key,
            &actual.token.key,
        )
    }

    /// While another token counts, too, it is not this one yet.
    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<ReplicationGroupId>> {
        let seen = self.observe(aws, &self.group).await?;
        let only = matches!(&seen, Observed::Steady(live) if live.actual.token.key == self.token.key);
        Ok(only.then(|| self.group.clone()))
    }

    async fn observe(&self, aws: &Aws, id: &ReplicationGroupId) -> Result<Observed<Self>> {
        let Some(group) = request::describe(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
        let note = group.status().ok_or_else(|| missing(request::DESCRIBE, "Status"))?;
        if note == "deleting" {
            return Ok(Observed::Deleting);
        }
        let owner = Owner::Parent;
        let settling = |note: &str| Ok(Observed::Settling { note: note.to_owned(), owner: Owner::Parent });
        let (Some(arn), "available", false) = (group.arn(), note, request::changes_token(&group)) else {
            return settling(note);
        };
        let Some(tagged) = tags::all(aws, arn).await? else { return settling(note) };
        let told = Token::read(tags::value(&tagged, token::TAG));
        let other = || PasswordRef { secret: SecretArn::new(""), key: String::new() };
        let is_only = told.is_only(&self.token.key, &group) && group.auth_token_enabled() == Some(true);
        let token = if is_only { self.token.clone() } else { other() };
        let actual = Self { group: id.clone(), token };
        Ok(Observed::Steady(Live { actual, outputs: AuthTokenOutputs { group: id.clone() }, owner }))
    }

    async fn create(&self, aws: &Aws, _: &Intent) -> Result<ReplicationGroupId> {
        token::change(aws, &self.group, &self.token, Step::Set).await?;
        Ok(self.group.clone())
    }

    async fn update(&self, _: &Self, aws: &Aws, id: &ReplicationGroupId, _: &Intent) -> Result<()> {
        token::change(aws, id, &self.token, Step::Set).await
    }

    async fn delete(&self, _: &Aws, _: &ReplicationGroupId, _: &Intent) -> Result<()> {
        Ok(())
    }
}

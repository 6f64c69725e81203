//! Which token a replication group takes, as a tag of it tells, for no API does; and how another one takes its place.
//!
//! The tag is written before the call that it is about, with the time at which AWS says that the token was changed
//! last. Once AWS names another time, the call has had its effect; until then it is sent, again if need be.

use aws_sdk_elasticache::types::{AuthTokenUpdateStrategyType, ReplicationGroup as Described};
use sidekick_engine::{Class, Fault, Result};

use super::{request, tags};
use crate::fault::{Answer, missing};
use crate::secretsmanager::PasswordRef;
use crate::{Aws, ReplicationGroupId, Tags};

/// The tag.
pub(super) const TAG: &str = "sidekick:auth-token";

/// The key of the token of a group that was made before there was a tag.
const UNTOLD: &str = "password";

/// What the tag tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// The key of the secret's JSON object under which the token lies.
    key: String,
    /// What was done last, and when the token was changed last before.
    last: Option<(Step, i64)>,
    /// The key of the token before it, while that counts, too.
    older: Option<String>,
}

/// One of two steps from a token to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The new one counts beside the old one.
    Rotate,
    /// The old one counts no more.
    Set,
}

impl Step {
    const ALL: [(Self, &str); 2] = [(Self::Rotate, "rotate"), (Self::Set, "set")];
}

impl Token {
    /// What the tag of a group tells; of one without it, that it was made with its token.
    pub(super) fn read(tag: Option<&str>) -> Self {
        let mut words = tag.unwrap_or(UNTOLD).split(' ');
        let key = words.next().unwrap_or_default().to_owned();
        let step = words.next().and_then(|word| Step::ALL.into_iter().find(|(_, name)| *name == word));
        let before = words.next().and_then(|word| word.parse().ok());
        let older = words.next().map(str::to_owned);
        Self { key, last: step.and_then(|(step, _)| Some((step, before?))), older }
    }

    /// The key of a token that the group takes for certain; empty while it may not take the newest yet.
    pub(super) fn taken(&self, group: &Described) -> &str {
        match self.last {
            Some((Step::Rotate, before)) if changed_at(group) == before => "",
            _ => &self.key,
        }
    }

    /// Whether the group takes this token, and no other one.
    pub(super) fn is_only(&self, key: &str, group: &Described) -> bool {
        let is_over = match self.last {
            None => true,
            Some((Step::Rotate, _)) => false,
            Some((Step::Set, before)) => changed_at(group) != before,
        };
        self.key == key && is_over
    }
}

impl Token {
    /// The token beside which another one shall count from now on, if there is one.
    ///
    /// # Errors
    /// Two count already, and a third one would put the older out of force, which clients may still send.
    fn beside(self, key: &str, group: &Described) -> Result<Option<String>> {
        let is_open = matches!(self.last, Some((Step::Rotate, _)));
        if !is_open {
            return Ok(group.auth_token_enabled().unwrap_or(false).then_some(self.key));
        }
        if self.key == key {
            return Ok(self.older);
        }
        if self.older.as_deref() == Some(key) {
            return Ok(Some(self.key));
        }
        let message =
            "the last change of the token is not over, and clients may still send the one before it";
        let hint =
            "set `cache.auth_token_rotation` back to what it was, run `sidekick up`, then change it again";
        Err(Fault::new(Class::Invalid, request::MODIFY, message).with_hint(hint))
    }
}

/// When AWS changed the token last, in seconds; none was ever changed at zero.
fn changed_at(group: &Described) -> i64 {
    group.auth_token_last_modified_date().map_or(0, aws_smithy_types::DateTime::secs)
}

/// Lets the group take a token beside the old one, or only it.
pub(super) async fn change(
    aws: &Aws,
    id: &ReplicationGroupId,
    token: &PasswordRef,
    step: Step,
) -> Result<()> {
    let group = request::described(aws, id).await?;
    let arn = group.arn().ok_or_else(|| missing(request::DESCRIBE, "ARN"))?;
    let value = aws.secret_field(&token.secret, &token.key).await?;
    let before = changed_at(&group);
    let (strategy, told) = match step {
        Step::Rotate => {
            let tagged = tags::all(aws, arn).await?.unwrap_or_default();
            let older = Token::read(tags::value(&tagged, TAG)).beside(&token.key, &group)?;
            let older = older.map(|key| format!(" {key}")).unwrap_or_default();
            (AuthTokenUpdateStrategyType::Rotate, format!("{} rotate {before}{older}", token.key))
        }
        Step::Set => (AuthTokenUpdateStrategyType::Set, format!("{} set {before}", token.key)),
    };
    tags::update(aws, arn, &Tags::from([(TAG.to_owned(), told)]), &Tags::new()).await?;
    let call = aws.elasticache.modify_replication_group().replication_group_id(id.as_str());
    let call = call.apply_immediately(true).auth_token(value.expose()).auth_token_update_strategy(strategy);
    call.send().await.or_fault_without([&value], request::MODIFY)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    fn changed(at: i64) -> Described {
        let group = Described::builder();
        if at == 0 { group } else { group.auth_token_last_modified_date(DateTime::from_secs(at)) }.build()
    }

    #[test]
    fn a_token_counts_once_aws_names_another_time_of_change() {
        let token = Token::read(Some("password_1 rotate 5"));
        assert_eq!((token.taken(&changed(5)), token.taken(&changed(6))), ("", "password_1"));
        assert!(!token.is_only("password_1", &changed(6)));
        let token = Token::read(Some("password_1 set 6"));
        assert_eq!((token.taken(&changed(6)), token.taken(&changed(7))), ("password_1", "password_1"));
        assert!(!token.is_only("password_1", &changed(6)) && token.is_only("password_1", &changed(7)));
        assert!(!token.is_only("password", &changed(7)));
    }

    #[test]
    fn no_third_token_comes_while_clients_may_send_the_first() {
        let with_token = || Described::builder().auth_token_enabled(true).build();
        let beside = |tag: &str, key: &str| Token::read(Some(tag)).beside(key, &with_token());
        assert_eq!(beside("password", "password_1").unwrap().as_deref(), Some("password"));
        assert_eq!(beside("password_1 set 6", "password_2").unwrap().as_deref(), Some("password_1"));
        let open = "password_1 rotate 5 password";
        assert_eq!(beside(open, "password_1").unwrap().as_deref(), Some("password"));
        assert_eq!(beside(open, "password").unwrap().as_deref(), Some("password_1"), "back again");
        assert!(beside(open, "password_2").is_err_and(|fault| fault.hint.is_some()));
        let without = Token::read(None).beside("password", &changed(0));
        assert_eq!(without.unwrap(), None);
    }

    #[test]
    fn a_group_takes_the_token_that_it_was_made_with() {
        for (tag, key) in [(None, "password"), (Some("password_2"), "password_2")] {
            let token = Token::read(tag);
            assert!(token.taken(&changed(1)) == key && token.is_only(key, &changed(1)));
        }
        assert_eq!(Token::read(Some("password rotate 0")).taken(&changed(0)), "", "it had none before");
    }
}

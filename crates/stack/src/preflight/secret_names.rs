//! The names of the secrets to be made: whether one that somebody else deleted holds them until it is gone.

use futures::future::join_all;
use sidekick_aws::secretsmanager::scheduled_for_deletion;
use sidekick_engine::{Class, Mark, Step};

use super::{Finding, Preflight, Verdict};
use crate::stack_name;

pub(super) async fn check(preflight: &Preflight<'_>) -> Vec<Finding> {
    let made = preflight.made("secretsmanager.secret");
    join_all(made.filter_map(|step| Some((step, preflight.name_at(step)?))).map(|(step, name)| async move {
        let mark = Mark { stack: stack_name(preflight.config), address: step.address.clone() };
        let verdict = match scheduled_for_deletion(preflight.aws, name, &mark).await {
            Ok(None) => Verdict::good("free"),
            Ok(Some(_)) => Verdict::good("held by this environment's own, which is restored"),
            // What AWS itself refuses has a code.
            Err(fault) if fault.class == Class::Invalid && fault.code.is_none() => {
                Verdict::problem(fault.message, fault.hint.unwrap_or_default())
            }
            Err(fault) => Verdict::unseen(&fault),
        };
        Finding::new(format!("name of the secret {name}"), verdict)
    }))
    .await
}

impl Preflight<'_> {
    /// The name of the secret that a step makes.
    fn name_at(&self, step: &Step) -> Option<&str> {
        let own = &self.config.secrets;
        let names = [
            ("compute.app-secret", &own.app),
            ("data.postgres-secret", &own.postgres),
            ("data.redis-secret", &own.redis),
        ];
        names
            .into_iter()
            .find(|(address, _)| *address == step.address.as_str())
            .map(|(_, name)| name.as_str())
    }
}

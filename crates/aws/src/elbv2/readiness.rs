//! Whether a load balancer is ours and does its work yet.

use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer as Description, LoadBalancerStateEnum as State};
use sidekick_engine::{Observed, Owner, Result};

use super::{LoadBalancer, tags};
use crate::fault::Answer;
use crate::{Aws, Tags};

/// What one look at a load balancer shows.
pub(super) struct Look {
    pub(super) balancer: Description,
    /// Its tags and whose it is, if they were read with it.
    pub(super) marked: Option<(Tags, Owner)>,
    /// Whose it is.
    pub(super) owner: Owner,
}

/// Looks at a load balancer; none if it is not there. It takes minutes until one is active, and whose it is does not
/// change, so that its tags are read with the first look only.
pub(super) async fn look(aws: &Aws, arn: &str) -> Result<Option<Look>> {
    let describe = aws.elbv2.describe_load_balancers().load_balancer_arns(arn).send();
    let describe = async { describe.await.found("elbv2 DescribeLoadBalancers") };
    let met = tags::met(aws, arn);
    let marked = async { if met.is_some() { Ok(None) } else { tags::read(aws, arn).await } };
    let (found, marked) = tokio::try_join!(describe, marked)?;
    let balancer = found.and_then(|found| found.load_balancers.unwrap_or_default().into_iter().next());
    let owner = met.or_else(|| marked.as_ref().map(|(_, owner)| owner.clone()));
    Ok(balancer.zip(owner).map(|(balancer, owner)| Look { balancer, marked, owner }))
}

/// What to report of a load balancer that is not ours or not active; none if it is both.
pub(super) fn unready(balancer: &Description, owner: &Owner) -> Option<Observed<LoadBalancer>> {
    if *owner == Owner::Unmarked {
        return Some(Observed::Unmarked);
    }
    let state = balancer.state();
    match state.and_then(|state| state.code()) {
        // Impaired means that it cannot grow for now; it does its work.
        Some(State::Active | State::ActiveImpaired) => None,
        Some(State::Failed) => {
            let why = state.and_then(|state| state.reason()).unwrap_or("its state is failed").to_owned();
            Some(Observed::Failed { why, owner: owner.clone() })
        }
        other => {
            let note = other.map_or("in no state yet", State::as_str).to_owned();
            Some(Observed::Settling { note, owner: owner.clone() })
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::LoadBalancerState;

    use super::*;

    fn report(code: &str) -> Option<Observed<LoadBalancer>> {
        let state = LoadBalancerState::builder().code(code.into()).reason("no room").build();
        unready(&Description::builder().state(state).build(), &Owner::Parent)
    }

    #[test]
    fn what_is_not_ours_is_not_read_further() {
        let report = unready(&Description::builder().build(), &Owner::Unmarked);
        assert!(matches!(report, Some(Observed::Unmarked)));
    }

    #[test]
    fn impaired_is_ready_and_only_failed_is_final() {
        assert!(report("active").is_none());
        assert!(report("active_impaired").is_none());
        assert!(
            matches!(report("provisioning"), Some(Observed::Settling { note, .. }) if note == "provisioning")
        );
        assert!(matches!(report("failed"), Some(Observed::Failed { why, .. }) if why == "no room"));
    }
}

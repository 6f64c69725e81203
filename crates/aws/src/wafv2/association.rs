//! WAF association: the web ACL through which a load balancer's requests pass.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Owner, Pace, Resource, Result, Teardown};

use crate::elbv2::LoadBalancer;
use crate::fault::Answer;
use crate::{Aws, LoadBalancerArn, WebAclArn};

/// The association we want. A load balancer has one at most, and a new one takes the place of the old.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Association {
    /// The web ACL that decides.
    pub web_acl: WebAclArn,
    /// The load balancer whose requests it decides about.
    pub load_balancer: LoadBalancerArn,
}

/// An association has nothing to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssociationOutputs {}

impl Resource for Association {
    const KIND: &'static str = "wafv2.association";
    const UP: Pace = Pace::seconds(1, 20, 180, 600);
    const DOWN: Pace = Pace::seconds(1, 2, 20, 600);
    // Neither a web ACL nor a load balancer that was just made is known to WAF everywhere.
    const PROPAGATION: Duration = Duration::from_secs(600);
    const CREATES_ONCE: bool = true;
    const WITHIN: Option<&'static str> = Some(LoadBalancer::KIND);
    const TEARDOWN: Teardown = Teardown::Anytime;

    type Cloud = Aws;
    type Id = LoadBalancerArn;
    type Outputs = AssociationOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { web_acl, load_balancer } = self;
        Diff::default().mutable("web_acl", web_acl, &actual.web_acl).immutable(
            "load_balancer",
            load_balancer,
            &actual.load_balancer,
        )
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<LoadBalancerArn>> {
        let associated = associated(aws, &self.load_balancer).await?;
        Ok((associated.as_ref() == Some(&self.web_acl)).then(|| self.load_balancer.clone()))
    }

    async fn observe(&self, aws: &Aws, id: &LoadBalancerArn) -> Result<Observed<Self>> {
        let Some(web_acl) = associated(aws, id).await? else { return Ok(Observed::Absent) };
        let actual = Self { web_acl, load_balancer: id.clone() };
        Ok(Observed::Steady(Live { actual, outputs: AssociationOutputs {}, owner: Owner::Parent }))
    }

    async fn create(&self, aws: &Aws, _: &Intent) -> Result<LoadBalancerArn> {
        self.associate(aws).await?;
        Ok(self.load_balancer.clone())
    }

    async fn update(&self, _: &Self, aws: &Aws, _: &LoadBalancerArn, _: &Intent) -> Result<()> {
        self.associate(aws).await
    }

    async fn delete(&self, aws: &Aws, id: &LoadBalancerArn, _: &Intent) -> Result<()> {
        let call = aws.wafv2.disassociate_web_acl().resource_arn(id.as_str());
        call.send().await.found("wafv2 DisassociateWebACL")?;
        Ok(())
    }
}

impl Association {
    async fn associate(&self, aws: &Aws) -> Result<()> {
        let call = aws.wafv2.associate_web_acl().web_acl_arn(self.web_acl.as_str());
        let call = call.resource_arn(self.load_balancer.as_str());
        call.send().await.or_fault("wafv2 AssociateWebACL")?;
        Ok(())
    }
}

/// The web ACL of a load balancer; none if it has none or is not there.
async fn associated(aws: &Aws, load_balancer: &LoadBalancerArn) -> Result<Option<WebAclArn>> {
    let call = aws.wafv2.get_web_acl_for_resource().resource_arn(load_balancer.as_str());
    let answer = call.send().await.found("wafv2 GetWebACLForResource")?;
    Ok(answer.and_then(|answer| answer.web_acl).map(|acl| WebAclArn::new(acl.arn())))
}

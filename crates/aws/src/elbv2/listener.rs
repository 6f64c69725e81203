//! ELB listener: a port of a load balancer, and what happens to the requests that come in there.

use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result, Teardown};

use super::action::Action;
use super::protocol::Protocol;
use super::{LoadBalancer, tags};
use crate::fault::{Answer, missing};
use crate::{Aws, ListenerArn, LoadBalancerArn, Tags};

/// The listener we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    /// The load balancer that it belongs to.
    pub load_balancer: LoadBalancerArn,
    /// Its port, unique in the load balancer.
    pub port: u16,
    /// What clients speak.
    pub protocol: Protocol,
    /// What happens to requests.
    pub action: Action,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the listener exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListenerOutputs {
    /// The listener's ARN.
    pub arn: ListenerArn,
}

impl Resource for Listener {
    const KIND: &'static str = "elbv2.listener";
    const CREATES_ONCE: bool = true;
    const WITHIN: Option<&'static str> = Some(LoadBalancer::KIND);
    const UNIQUE_ID: bool = true;
    const TEARDOWN: Teardown = Teardown::BeforeDependents;

    type Cloud = Aws;
    type Id = ListenerArn;
    type Outputs = ListenerOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { load_balancer, port, protocol, action, tags } = self;
        Diff::default()
            .immutable("load_balancer", load_balancer, &actual.load_balancer)
            .mutable("port", port, &actual.port)
            .mutable("protocol", protocol, &actual.protocol)
            .mutable("action", action, &actual.action)
            .mutable("tags", tags, &actual.tags)
    }

    /// Requests go on to the group that has targets.
    fn meanwhile(&self, actual: &Self) -> Self {
        Self { action: self.action.meanwhile(&actual.action), ..self.clone() }
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<ListenerArn>> {
        let call = aws.elbv2.describe_listeners().load_balancer_arn(self.load_balancer.as_str());
        let Some(found) = call.send().await.found("elbv2 DescribeListeners")? else { return Ok(None) };
        let here = found.listeners().iter().find(|listener| listener.port() == Some(self.port.into()));
        Ok(here.and_then(|listener| listener.listener_arn()).map(ListenerArn::new))
    }

    async fn observe(&self, aws: &Aws, id: &ListenerArn) -> Result<Observed<Self>> {
        let describe = aws.elbv2.describe_listeners().listener_arns(id.as_str());
        let (Some(found), Some((tags, owner))) = tokio::try_join!(
            async { describe.send().await.found("elbv2 DescribeListeners") },
            tags::read(aws, id.as_str()),
        )?
        else {
            return Ok(Observed::Absent);
        };
        let Some(listener) = found.listeners().first() else { return Ok(Observed::Absent) };
        let field = |name| missing("elbv2 DescribeListeners", name);
        let (balancer, actions) = (listener.load_balancer_arn(), listener.default_actions());
        let actual = Self {
            load_balancer: LoadBalancerArn::new(balancer.ok_or_else(|| field("LoadBalancerArn"))?),
            port: listener.port().and_then(|port| port.try_into().ok()).ok_or_else(|| field("Port"))?,
            protocol: Protocol::read(listener).ok_or_else(|| field("Protocol"))?,
            action: actions.last().map(Action::read).ok_or_else(|| field("DefaultActions"))?,
            tags,
        };
        Ok(Observed::Steady(Live { actual, outputs: ListenerOutputs { arn: id.clone() }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<ListenerArn> {
        let (protocol, certificate, ssl_policy) = self.protocol.wire();
        let call = aws.elbv2.create_listener().load_balancer_arn(self.load_balancer.as_str());
        let call = call.port(self.port.into()).protocol(protocol).default_actions(self.action.wire());
        let call = call.set_certificates(certificate).set_ssl_policy(ssl_policy);
        let call = call.set_tags(Some(tags::specification(&self.tags, intent)));
        let made = call.send().await.or_fault("elbv2 CreateListener")?;
        let arn = made.listeners().first().and_then(|listener| listener.listener_arn());
        arn.map(ListenerArn::new).ok_or_else(|| missing("elbv2 CreateListener", "ListenerArn"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &ListenerArn, _: &Intent) -> Result<()> {
        if (self.port, &self.protocol, &self.action) != (actual.port, &actual.protocol, &actual.action) {
            let (protocol, certificate, ssl_policy) = self.protocol.wire();
            let call = aws.elbv2.modify_listener().listener_arn(id.as_str());
            let call = call.port(self.port.into()).protocol(protocol).default_actions(self.action.wire());
            let call = call.set_certificates(certificate).set_ssl_policy(ssl_policy);
            call.send().await.or_fault("elbv2 ModifyListener")?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &ListenerArn, _: &Intent) -> Result<()> {
        aws.elbv2.delete_listener().listener_arn(id.as_str()).send().await.found("elbv2 DeleteListener")?;
        Ok(())
    }
}

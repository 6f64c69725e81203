//! WAF IP set: a list of addresses that rules of a web ACL refer to.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_wafv2::operation::get_ip_set::GetIpSetOutput;
use aws_sdk_wafv2::types::{IpAddressVersion, Scope};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Pace, Resource, Result};

use super::arn::name_and_id;
use super::tags;
use crate::fault::{Answer, missing};
use crate::{Aws, IpSetArn, Tags};

const GET: &str = "wafv2 GetIPSet";

/// The IP set we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IpSet {
    /// Its name, unique in the region.
    pub name: String,
    /// Blocks of IPv4 addresses, each with its prefix length; WAF takes none of length 0.
    pub addresses: BTreeSet<String>,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the IP set exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IpSetOutputs {
    /// The IP set's ARN.
    pub arn: IpSetArn,
}

impl Resource for IpSet {
    const KIND: &'static str = "wafv2.ip_set";
    const DISTINCT_BY: &'static [&'static str] = &["name"];
    // The web ACL that gave it up still counts as its user for a while.
    const DOWN: Pace = Pace::seconds(1, 20, 120, 600);
    const PROPAGATION: Duration = Duration::from_secs(300);
    const CREATES_ONCE: bool = true;

    type Cloud = Aws;
    type Id = IpSetArn;
    type Outputs = IpSetOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { name, addresses, tags } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .mutable("addresses", addresses, &actual.addresses)
            .mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<IpSetArn>> {
        let mut marker = None;
        loop {
            let call = aws.wafv2.list_ip_sets().scope(Scope::Regional).limit(100).set_next_marker(marker);
            let page = call.send().await.or_fault("wafv2 ListIPSets")?;
            if let Some(found) = page.ip_sets().iter().find(|set| set.name() == Some(&self.name)) {
                return Ok(found.arn().map(IpSetArn::new));
            }
            marker = page.next_marker;
            if marker.is_none() {
                return Ok(None);
            }
        }
    }

    async fn observe(&self, aws: &Aws, id: &IpSetArn) -> Result<Observed<Self>> {
        let parts = tokio::try_join!(get(aws, id), tags::read(aws, id.as_str()))?;
        let (Some(GetIpSetOutput { ip_set: Some(set), .. }), Some((tags, owner))) = parts else {
            return Ok(Observed::Absent);
        };
        let addresses = set.addresses().iter().cloned().collect();
        let actual = Self { name: set.name().to_owned(), addresses, tags };
        Ok(Observed::Steady(Live { actual, outputs: IpSetOutputs { arn: id.clone() }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<IpSetArn> {
        let call = aws.wafv2.create_ip_set().name(&self.name).scope(Scope::Regional);
        let call = call.ip_address_version(IpAddressVersion::Ipv4).set_addresses(self.addresses());
        let call = call.set_tags(Some(tags::specification(&self.tags, intent)?));
        let made = call.send().await.or_fault("wafv2 CreateIPSet")?;
        let arn = made.summary().and_then(|summary| summary.arn());
        arn.map(IpSetArn::new).ok_or_else(|| missing("wafv2 CreateIPSet", "ARN"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &IpSetArn, _: &Intent) -> Result<()> {
        if self.addresses != actual.addresses {
            let Some(current) = get(aws, id).await? else { return Ok(()) };
            let (name, short) = name_and_id(id.as_str(), GET)?;
            let call = aws.wafv2.update_ip_set().name(name).id(short).scope(Scope::Regional);
            let call = call.set_addresses(self.addresses()).set_lock_token(current.lock_token);
            call.send().await.or_fault("wafv2 UpdateIPSet")?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &IpSetArn, _: &Intent) -> Result<()> {
        let Some(current) = get(aws, id).await? else { return Ok(()) };
        let (name, short) = name_and_id(id.as_str(), GET)?;
        let call = aws.wafv2.delete_ip_set().name(name).id(short).scope(Scope::Regional);
        call.set_lock_token(current.lock_token).send().await.found("wafv2 DeleteIPSet")?;
        Ok(())
    }
}

impl IpSet {
    fn addresses(&self) -> Option<Vec<String>> {
        Some(self.addresses.iter().cloned().collect())
    }
}

async fn get(aws: &Aws, id: &IpSetArn) -> Result<Option<GetIpSetOutput>> {
    let (name, short) = name_and_id(id.as_str(), GET)?;
    let call = aws.wafv2.get_ip_set().name(name).id(short).scope(Scope::Regional);
    call.send().await.found(GET)
}

//! WAF web ACL: an ordered list of rules; a request that none of them blocks is let through.

use std::time::Duration;

use aws_sdk_wafv2::operation::get_web_acl::GetWebAclOutput;
use aws_sdk_wafv2::types::{Rule, Scope};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Pace, Resource, Result};

use super::arn::name_and_id;
use super::rule::{WebAclRule, default_action, visibility};
use super::tags;
use crate::fault::{Answer, missing};
use crate::{Aws, Tags, WebAclArn};

const GET: &str = "wafv2 GetWebACL";
/// AWS Shield puts rules with this prefix into web ACLs; they are nobody's wish and must survive.
const SHIELD: &str = "ShieldMitigationRuleGroup_";

/// The web ACL we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebAcl {
    /// Its name, which is also that of its metric; unique in the region.
    pub name: String,
    /// What it is for; at least three characters of a narrow set, or empty.
    pub description: String,
    /// Its rules, by priority.
    pub rules: Vec<WebAclRule>,
    /// Whether a request that no rule decides is blocked. Never asked for.
    #[serde(default)]
    pub blocks_others: bool,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the web ACL exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebAclOutputs {
    /// The web ACL's ARN.
    pub arn: WebAclArn,
    /// The last part of its ARN.
    pub id: String,
}

impl Resource for WebAcl {
    const KIND: &'static str = "wafv2.web_acl";
    const DISTINCT_BY: &'static [&'static str] = &["name"];
    const DOWN: Pace = Pace::seconds(1, 20, 120, 600);
    const PROPAGATION: Duration = Duration::from_secs(300);
    const CREATES_ONCE: bool = true;

    type Cloud = Aws;
    type Id = WebAclArn;
    type Outputs = WebAclOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { name, description, rules, blocks_others, tags } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .mutable("description", description, &actual.description)
            .mutable("rules", rules, &actual.rules)
            .mutable("blocks_others", blocks_others, &actual.blocks_others)
            .mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<WebAclArn>> {
        let mut marker = None;
        loop {
            let call = aws.wafv2.list_web_acls().scope(Scope::Regional).limit(100).set_next_marker(marker);
            let page = call.send().await.or_fault("wafv2 ListWebACLs")?;
            if let Some(found) = page.web_acls().iter().find(|acl| acl.name() == Some(&self.name)) {
                return Ok(found.arn().map(WebAclArn::new));
            }
            marker = page.next_marker;
            if marker.is_none() {
                return Ok(None);
            }
        }
    }

    async fn observe(&self, aws: &Aws, id: &WebAclArn) -> Result<Observed<Self>> {
        let parts = tokio::try_join!(get(aws, id), tags::read(aws, id.as_str()))?;
        let (Some(GetWebAclOutput { web_acl: Some(acl), .. }), Some((tags, owner))) = parts else {
            return Ok(Observed::Absent);
        };
        let mut rules: Vec<_> =
            acl.rules().iter().filter(|rule| !is_shield(rule)).map(WebAclRule::read).collect();
        rules.sort_by_key(|rule| rule.priority);
        let description = acl.description().unwrap_or_default().to_owned();
        let blocks_others = acl.default_action().is_some_and(|action| action.block().is_some());
        let actual = Self { name: acl.name().to_owned(), description, rules, blocks_others, tags };
        let outputs = WebAclOutputs { arn: id.clone(), id: acl.id().to_owned() };
        Ok(Observed::Steady(Live { actual, outputs, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<WebAclArn> {
        let call = aws.wafv2.create_web_acl().name(&self.name).scope(Scope::Regional);
        let call = call.default_action(default_action()).visibility_config(visibility(&self.name)?);
        let call = call.set_description(self.description()).set_rules(Some(self.rules(&[])?));
        let call = call.set_tags(Some(tags::specification(&self.tags, intent)?));
        let made = call.send().await.or_fault("wafv2 CreateWebACL")?;
        let arn = made.summary().and_then(|summary| summary.arn());
        arn.map(WebAclArn::new).ok_or_else(|| missing("wafv2 CreateWebACL", "ARN"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &WebAclArn, _: &Intent) -> Result<()> {
        if *self != (Self { tags: self.tags.clone(), ..actual.clone() }) {
            let Some(current) = get(aws, id).await? else { return Ok(()) };
            let rules = current.web_acl().map_or(&[][..], |acl| acl.rules());
            // The call replaces everything that can be changed, so it says everything again.
            let (name, short) = name_and_id(id.as_str(), GET)?;
            let call = aws.wafv2.update_web_acl().name(name).id(short).scope(Scope::Regional);
            let call = call.default_action(default_action()).visibility_config(visibility(&self.name)?);
            let call = call.set_description(self.description()).set_rules(Some(self.rules(rules)?));
            call.set_lock_token(current.lock_token.clone()).send().await.or_fault("wafv2 UpdateWebACL")?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &WebAclArn, _: &Intent) -> Result<()> {
        let Some(current) = get(aws, id).await? else { return Ok(()) };
        let (name, short) = name_and_id(id.as_str(), GET)?;
        let call = aws.wafv2.delete_web_acl().name(name).id(short).scope(Scope::Regional);
        call.set_lock_token(current.lock_token).send().await.found("wafv2 DeleteWebACL").map(drop)
    }
}

impl WebAcl {
    /// The description; WAF refuses an empty one.
    fn description(&self) -> Option<String> {
        Some(self.description.clone()).filter(|text| !text.is_empty())
    }

    /// Our rules, and those of the current ones that are not ours to remove.
    fn rules(&self, current: &[Rule]) -> Result<Vec<Rule>> {
        let kept = current.iter().filter(|rule| is_shield(rule)).cloned().map(Ok);
        self.rules.iter().map(WebAclRule::wire).chain(kept).collect()
    }
}

async fn get(aws: &Aws, id: &WebAclArn) -> Result<Option<GetWebAclOutput>> {
    let (name, short) = name_and_id(id.as_str(), GET)?;
    let call = aws.wafv2.get_web_acl().name(name).id(short).scope(Scope::Regional);
    call.send().await.found(GET)
}

fn is_shield(rule: &Rule) -> bool {
    rule.name().starts_with(SHIELD)
}

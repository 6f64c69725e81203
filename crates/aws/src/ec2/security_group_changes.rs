//! What brings the rules of a security group to the desired ones.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{IpPermission, SecurityGroupRule, SecurityGroupRuleUpdate};
use sidekick_engine::Result;

use super::SecurityGroup;
use super::security_group_rule::{Peer, Rule};
use crate::fault::{Answer, missing};
use crate::{Aws, SecurityGroupId};

/// The rules of one direction, each with its id.
pub(super) fn rules(shown: &[SecurityGroupRule], egress: bool) -> Result<BTreeMap<Rule, String>> {
    let direction = shown.iter().filter(|rule| rule.is_egress() == Some(egress));
    direction
        .map(|rule| {
            let id = rule.security_group_rule_id();
            let id = id.ok_or_else(|| missing("ec2 DescribeSecurityGroupRules", "SecurityGroupRuleId"))?;
            Ok((Rule::read(rule)?, id.to_owned()))
        })
        .collect()
}

/// What brings one direction of a group to its desired rules.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Changes {
    /// What is not let through yet.
    pub(super) authorise: Vec<IpPermission>,
    /// What is let through under another description. AWS would refuse to authorise it a second time.
    pub(super) reword: Vec<SecurityGroupRuleUpdate>,
    /// The ids of the rules that nothing desired stands for.
    pub(super) revoke: Vec<String>,
}

impl Changes {
    pub(super) fn between(desired: &BTreeSet<Rule>, existing: &BTreeMap<Rule, String>) -> Self {
        let mut changes = Self::default();
        let mut missing = desired.clone();
        for (rule, id) in existing {
            match desired.iter().find(|wanted| wanted.traffic() == rule.traffic()) {
                None => changes.revoke.push(id.clone()),
                Some(wanted) => {
                    if wanted != rule {
                        changes.reword.push(wanted.update(id));
                    }
                    missing.remove(wanted);
                }
            }
        }
        changes.authorise = missing.iter().map(Rule::permission).collect();
        changes
    }
}

/// Authorises before it revokes, so that what stays allowed is never cut off.
pub(super) async fn converge(
    aws: &Aws,
    id: &SecurityGroupId,
    desired: &SecurityGroup,
    actual: &SecurityGroup,
) -> Result<()> {
    let all_stay = actual.ingress.is_subset(&desired.ingress) && actual.egress.is_subset(&desired.egress);
    let [ingress, egress] = if all_stay { without_ids(actual) } else { with_ids(aws, id).await? };
    let into = Changes::between(&desired.ingress, &ingress);
    let out = Changes::between(&desired.egress, &egress);
    if !into.authorise.is_empty() {
        let call = aws.ec2.authorize_security_group_ingress().group_id(id.as_str());
        let call = call.set_ip_permissions(Some(into.authorise)).send();
        call.await.or_fault("ec2 AuthorizeSecurityGroupIngress")?;
    }
    if !out.authorise.is_empty() {
        let call = aws.ec2.authorize_security_group_egress().group_id(id.as_str());
        let call = call.set_ip_permissions(Some(out.authorise)).send();
        call.await.or_fault("ec2 AuthorizeSecurityGroupEgress")?;
    }
    let reword = [into.reword, out.reword].concat();
    if !reword.is_empty() {
        let call = aws.ec2.modify_security_group_rules().group_id(id.as_str());
        let call = call.set_security_group_rules(Some(reword)).send();
        call.await.or_fault("ec2 ModifySecurityGroupRules")?;
    }
    if !into.revoke.is_empty() {
        let call = aws.ec2.revoke_security_group_ingress().group_id(id.as_str());
        let call = call.set_security_group_rule_ids(Some(into.revoke)).send();
        call.await.found("ec2 RevokeSecurityGroupIngress")?;
    }
    if !out.revoke.is_empty() {
        let call = aws.ec2.revoke_security_group_egress().group_id(id.as_str());
        let call = call.set_security_group_rule_ids(Some(out.revoke)).send();
        call.await.found("ec2 RevokeSecurityGroupEgress")?;
    }
    Ok(())
}

/// The rules of both directions, in and out, as they are now.
async fn with_ids(aws: &Aws, id: &SecurityGroupId) -> Result<[BTreeMap<Rule, String>; 2]> {
    let ruled = aws.ec2_reads.security_groups.get(id.as_str()).await?;
    let existing = ruled.map(|ruled| ruled.rules).unwrap_or_default();
    Ok([rules(&existing, false)?, rules(&existing, true)?])
}

/// The same as they were observed, where none of them is to be changed by its id.
fn without_ids(actual: &SecurityGroup) -> [BTreeMap<Rule, String>; 2] {
    let known = |rules: &BTreeSet<Rule>| rules.iter().map(|rule| (rule.clone(), String::new())).collect();
    [known(&actual.ingress), known(&actual.egress)]
}

/// The rules that the desired ones do not stand for, of those who are let in all the same, and of groups.
pub(super) fn kept<'a>(
    desired: &BTreeSet<Rule>,
    actual: &'a BTreeSet<Rule>,
) -> impl Iterator<Item = &'a Rule> {
    actual.iter().filter(|rule| {
        let is_known = matches!(rule.peer, Peer::Group(_)) || desired.iter().any(|it| it.peer == rule.peer);
        is_known && !desired.iter().any(|it| it.traffic() == rule.traffic())
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::ReferencedSecurityGroup;

    use super::*;

    fn cidr(range: &str) -> Peer {
        Peer::Cidr(range.to_owned())
    }

    /// The rule as AWS shows it: a protocol without ports has the ports -1.
    fn shown(id: &str, egress: bool, rule: &Rule) -> SecurityGroupRule {
        let shown = SecurityGroupRule::builder()
            .security_group_rule_id(id)
            .is_egress(egress)
            .ip_protocol(&rule.protocol)
            .from_port(rule.from_port.map_or(-1, i32::from))
            .to_port(rule.to_port.map_or(-1, i32::from))
            .set_description(rule.description());
        match &rule.peer {
            Peer::Cidr(range) => shown.cidr_ipv4(range),
            Peer::Group(id) => {
                shown.referenced_group_info(ReferencedSecurityGroup::builder().group_id(id.as_str()).build())
            }
        }
        .build()
    }

    #[test]
    fn what_aws_shows_of_a_rule_is_the_rule() {
        let group = Peer::Group(SecurityGroupId::new("sg-1"));
        let all = [Rule::all_egress(), Rule::tcp(443, cidr("10.0.0.0/8"), "web"), Rule::tcp(7500, group, "")];
        let shown: Vec<_> = all.iter().map(|rule| shown("sgr-1", true, rule)).collect();
        let read = rules(&shown, true).expect("the rules are whole");
        assert_eq!(read.keys().cloned().collect::<BTreeSet<_>>(), BTreeSet::from(all.clone()));
        assert_eq!(rules(&shown, false), Ok(BTreeMap::new()));
        let kept = Changes::between(&BTreeSet::from(all), &read);
        assert_eq!(
            kept,
            Changes::default(),
            "what stands as desired, the default rule out included, is kept"
        );
    }

    #[test]
    fn only_what_differs_is_authorised_reworded_and_revoked() {
        let kept = Rule::tcp(80, cidr("0.0.0.0/0"), "");
        let old = Rule::tcp(443, cidr("0.0.0.0/0"), "web");
        let new = Rule::tcp(443, cidr("0.0.0.0/0"), "secure web");
        let added = Rule::tcp(7500, cidr("10.102.0.0/16"), "a peer");
        let unwanted = Rule::tcp(22, cidr("0.0.0.0/0"), "");
        let existing = [(kept.clone(), "sgr-1"), (old, "sgr-2"), (unwanted, "sgr-3")];
        let existing = existing.map(|(rule, id)| (rule, id.to_owned())).into();
        let changes = Changes::between(&BTreeSet::from([kept, new.clone(), added.clone()]), &existing);
        assert_eq!(changes.authorise, [added.permission()]);
        assert_eq!(changes.reword, [new.update("sgr-2")]);
        assert_eq!(changes.revoke, ["sgr-3"]);
    }

    #[test]
    fn who_is_let_in_all_the_same_and_groups_are_let_in_as_before_for_now() {
        let group = |id: &str| Peer::Group(SecurityGroupId::new(id));
        let old = [
            Rule::tcp(7500, cidr("10.102.0.0/16"), "a peer"),
            Rule::tcp(7500, cidr("10.103.0.0/16"), "a peer that goes"),
            Rule::tcp(7500, group("sg-1"), "the load balancer"),
            Rule::tcp(7500, group("sg-2"), "another one"),
            Rule::tcp(7600, group("sg-1"), "reworded"),
        ];
        let desired = BTreeSet::from([
            Rule::tcp(7600, cidr("10.102.0.0/16"), "a peer"),
            Rule::tcp(7600, group("sg-1"), "the load balancer"),
        ]);
        let actual = BTreeSet::from(old.clone());
        let kept: Vec<_> = kept(&desired, &actual).cloned().collect();
        assert_eq!(kept, [&old[0], &old[2], &old[3]].map(Clone::clone));
    }
}

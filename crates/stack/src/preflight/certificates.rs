//! The certificates of the HTTPS listeners: whether they are issued, without which AWS makes no such listener.
//!
//! That they are in the load balancer's region is a rule of the configuration, and load balancers take every key
//! algorithm that ACM has.

use std::collections::BTreeSet;

use futures::future::join_all;
use sidekick_aws::preflight::{Certificate, Validation, certificate};
use sidekick_engine::Step;

use super::{Finding, Preflight, Verdict};

const REPLACE: &str =
    "request or import another certificate, and name it in the configuration as `certificate_arn`";

pub(super) async fn check(preflight: &Preflight<'_>) -> Vec<Finding> {
    let looks = preflight
        .certificates()
        .into_iter()
        .map(|arn| async move { Finding::new(format!("certificate {arn}"), verdict(preflight, arn).await) });
    join_all(looks).await
}

async fn verdict(preflight: &Preflight<'_>, arn: &str) -> Verdict {
    let account = arn.split(':').nth(4).unwrap_or_default();
    if account != preflight.caller.account {
        let words = format!(
            "it is of account {account}, and a load balancer takes those of its own account, {}, alone",
            preflight.caller.account
        );
        return Verdict::problem(words, REPLACE);
    }
    match certificate(preflight.aws, arn).await {
        Ok(Some(told)) => judge(&told),
        Ok(None) => Verdict::problem("there is none of this ARN", REPLACE),
        Err(fault) => Verdict::unseen(&fault),
    }
}

fn judge(told: &Certificate) -> Verdict {
    let Certificate { status, domain, key_algorithm, reason, awaited } = told;
    let because = reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
    match status.as_str() {
        "ISSUED" => Verdict::good(format!("issued for {domain}, {key_algorithm}")),
        "PENDING_VALIDATION" => Verdict::problem(
            format!("it is not issued: nobody has shown yet that {domain} is theirs"),
            to_be_done(awaited),
        ),
        "EXPIRED" => Verdict::problem("it has expired", REPLACE),
        "FAILED" => Verdict::problem(format!("its request has failed{because}"), REPLACE),
        "INACTIVE" => Verdict::problem("it is inactive", REPLACE),
        "REVOKED" => Verdict::problem(format!("it was revoked{because}"), REPLACE),
        "VALIDATION_TIMED_OUT" => Verdict::problem(
            format!("it was not issued: nobody has shown in time that {domain} is theirs"),
            REPLACE,
        ),
        other => Verdict::unknown(format!("its status is {other}, which is not known here")),
    }
}

/// What has ACM issue a certificate.
fn to_be_done(awaited: &BTreeSet<Validation>) -> String {
    let deeds = awaited.iter().map(|validation| match validation {
        Validation::Record { name, kind, value } => format!("create the DNS record `{name} {kind} {value}`"),
        Validation::Mail { domain } => format!("follow the link in the mail to the owners of {domain}"),
    });
    let deeds: Vec<_> = deeds.collect();
    if deeds.is_empty() {
        return "ACM does not say what it waits for; look at the certificate in its console".to_owned();
    }
    format!("{}, and wait until ACM has seen that", deeds.join(", "))
}

impl Preflight<'_> {
    /// The certificates that the plan gives to listeners; if it does nothing, all that the configuration names.
    fn certificates(&self) -> BTreeSet<&str> {
        let public = self.config.public_alb.as_ref().map(|public| &public.alb);
        let listeners =
            [("edge.https-listener", Some(&self.config.alb)), ("edge.public-https-listener", public)];
        let named = listeners.into_iter().filter_map(|(address, alb)| Some((address, alb?)));
        let named = named.filter_map(|(address, alb)| Some((address, alb.certificate_arn.as_deref()?)));
        let is_given = |address: &str, arn: &str| {
            self.plan.is_empty() || self.setting(&["protocol"]).any(|step| gives(step, address, arn))
        };
        named.filter(|(address, arn)| is_given(address, arn)).map(|(_, arn)| arn).collect()
    }
}

/// Whether a step gives a certificate to a listener that does not have it. One that stands is AWS's to judge.
fn gives(step: &Step, address: &str, arn: &str) -> bool {
    let mut protocols = step.changes.iter().filter(|change| change.field == "protocol");
    step.address.as_str() == address && !protocols.any(|change| change.old.to_string().contains(arn))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(status: &str, awaited: &[Validation]) -> Certificate {
        Certificate {
            status: status.to_owned(),
            domain: "example.com".to_owned(),
            key_algorithm: "EC_prime256v1".to_owned(),
            reason: None,
            awaited: awaited.iter().cloned().collect(),
        }
    }

    #[test]
    fn what_a_certificate_waits_for_is_told() {
        let mail = Validation::Mail { domain: "example.com".to_owned() };
        for (awaited, words) in [
            (&[mail][..], "follow the link in the mail to the owners of example.com"),
            (&[], "ACM does not say what it waits for"),
        ] {
            let verdict = judge(&certificate("PENDING_VALIDATION", awaited));
            let Verdict::Problem { hint, .. } = &verdict else { panic!("{verdict:?}") };
            assert!(hint.contains(words), "{hint}");
        }
    }

    #[test]
    fn only_a_status_that_is_known_is_in_the_way() {
        let verdict = judge(&certificate("SOMETHING_NEW", &[]));
        assert!(matches!(&verdict, Verdict::Unknown { why } if why.contains("SOMETHING_NEW")), "{verdict:?}");
        assert_eq!(
            judge(&certificate("ISSUED", &[])),
            Verdict::good("issued for example.com, EC_prime256v1")
        );
    }
}

//! The caller's permissions: what EC2 says of a dry run, and what IAM says of everything that the plan calls.
//!
//! A policy may allow an action on certain resources or under certain conditions only, which a simulation without
//! them does not see. So only a policy that denies is in the way; what none allows is told and tried.

use std::collections::BTreeSet;

use futures::future::join_all;
use sidekick_aws::permissions::{Permissions, Purpose, with_implied};
use sidekick_aws::preflight::{DryRun, dry_run, principal, simulate};
use sidekick_engine::{Class, Planned, Result};

use super::{Finding, Preflight, Verdict};

const HINT: &str =
    "give the identity that runs sidekick this permission; `sidekick iam policy` prints all that it needs";

/// What can be asked of EC2 before anything is there.
const DRY_RUNS: &[(&str, &str, DryRun)] = &[
    ("ec2.elastic_ip", "ec2:AllocateAddress", DryRun::Address),
    ("ec2.internet_gateway", "ec2:CreateInternetGateway", DryRun::InternetGateway),
];

pub(super) async fn check(preflight: &Preflight<'_>) -> Vec<Finding> {
    let asked = DRY_RUNS.iter().filter(|_| preflight.dry_runs);
    let made = asked.filter(|(kind, ..)| preflight.made(kind).next().is_some());
    let dry_runs = join_all(made.map(|(_, action, wanted)| async move {
        let verdict = match dry_run(preflight.aws, *wanted).await {
            Ok(()) => Verdict::good("allowed"),
            Err(fault) if fault.class == Class::Denied => Verdict::problem(fault.to_string(), HINT),
            // Not all endpoints look at permissions alone.
            Err(fault) if fault.code.as_ref().is_some_and(|code| code.ends_with("LimitExceeded")) => {
                Verdict::problem(fault.to_string(), fault.hint.as_deref().unwrap_or_default())
            }
            Err(fault) => Verdict::unseen(&fault),
        };
        Finding::new(format!("permission {action}"), verdict)
    }));
    let (mut findings, simulated) = futures::join!(dry_runs, simulation(preflight));
    findings.extend(simulated);
    findings
}

async fn simulation(preflight: &Preflight<'_>) -> Option<Finding> {
    let actions = preflight.actions();
    let verdict = match judged(preflight, &actions).await {
        Ok(verdict) => verdict,
        Err(fault) => Verdict::unseen(&fault),
    };
    Some(Finding::new(format!("permissions of {}", preflight.caller.arn), verdict))
}

async fn judged(preflight: &Preflight<'_>, actions: &BTreeSet<&'static str>) -> Result<Verdict> {
    let Some(principal) = principal(preflight.aws, &preflight.caller.arn).await? else {
        return Ok(Verdict::unknown("IAM simulates the policies of users and roles only"));
    };
    let actions: Vec<_> = actions.iter().copied().collect();
    let simulated = simulate(preflight.aws, (&principal, &preflight.config.region), &actions).await?;
    let named = |those: Vec<&str>| those.join(", ");
    let denied: Vec<_> = simulated.iter().filter(|it| it.is_denied).map(|it| it.action.as_str()).collect();
    let open = simulated.iter().filter(|it| !it.is_allowed).map(|it| it.action.as_str());
    let open: Vec<_> = open.collect();
    Ok(if !denied.is_empty() {
        Verdict::problem(format!("a policy denies {}", named(denied)), HINT)
    } else if !open.is_empty() {
        let words =
            "IAM does not see these allowed on every resource, though they may be on the environment's own";
        Verdict::unknown(format!("{words}: {}", named(open)))
    } else {
        Verdict::good(format!("{} actions are allowed", simulated.len()))
    })
}

impl Preflight<'_> {
    /// What the plan calls; if that is nothing, what it takes to look.
    fn actions(&self) -> BTreeSet<&'static str> {
        if self.plan.is_empty() {
            return Purpose::Plan.actions();
        }
        let mut actions = BTreeSet::new();
        for step in &self.plan.steps {
            let Some(own) = Permissions::of(&step.kind) else { continue };
            let lists: &[&[&str]] = match step.action {
                Planned::Keep | Planned::Forget | Planned::Refuse => &[own.read],
                Planned::Delete => &[own.read, own.delete],
                Planned::Replace => &[own.read, own.create, own.update, own.delete],
                Planned::Create | Planned::Recover => &[own.read, own.create, own.update],
                Planned::Adopt | Planned::Resume | Planned::Update | Planned::Follow => {
                    &[own.read, own.update]
                }
            };
            actions.extend(lists.iter().copied().flatten());
        }
        with_implied(actions)
    }
}

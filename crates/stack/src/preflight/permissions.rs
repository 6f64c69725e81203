//! The caller's permissions: what IAM says of everything that the plan calls, and what EC2 says of dry runs.
//!
//! A policy may allow an action on certain resources or under certain conditions only, which a simulation without
//! them does not see. So only a policy that denies is in the way; what none allows is told and tried. Where IAM refuses to
//! simulate, EC2's dry runs, which see everything, take its place.

use std::collections::BTreeSet;

use futures::future::join_all;
use sidekick_aws::permissions::{Permissions, Purpose, with_implied};
use sidekick_aws::preflight::{DryRun, Leave, dry_run, principal, simulate};
use sidekick_engine::{Class, Fault, Mark, Planned, Result, Step};

use super::{Finding, Preflight, Verdict};
use crate::config::Config;
use crate::names::tags_of;
use crate::stack_name;

const HINT: &str =
    "give the identity that runs sidekick this permission; `sidekick iam policy` prints all that it needs";

/// What EC2 can be asked for before anything is there.
const DRY_RUNS: &[Create] = &[
    Create { kind: "ec2.elastic_ip", action: "ec2:AllocateAddress", is_safe_anywhere: true },
    Create { kind: "ec2.internet_gateway", action: "ec2:CreateInternetGateway", is_safe_anywhere: true },
    Create { kind: "ec2.nat_gateway", action: "ec2:CreateNatGateway", is_safe_anywhere: false },
    Create { kind: "ec2.vpc", action: "ec2:CreateVpc", is_safe_anywhere: false },
];

struct Create {
    kind: &'static str,
    action: &'static str,
    /// Whether no endpoint is known that carries a dry run of it out.
    is_safe_anywhere: bool,
}

pub(super) async fn check(preflight: &Preflight<'_>) -> Vec<Finding> {
    let at_once = |create: &Create| preflight.dry_runs && create.is_safe_anywhere;
    let simulation = async { judged(preflight, &preflight.actions()).await };
    let (mut findings, simulated) = futures::join!(preflight.dry_run(at_once), simulation);
    // An endpoint that checks no permissions refuses none, so this is AWS, which carries no dry run out.
    if simulated.as_ref().is_err_and(is_refusal) {
        findings.extend(preflight.dry_run(|create| !at_once(create)).await);
    }
    let verdict = simulated.unwrap_or_else(|fault| Verdict::unseen(&fault));
    findings.push(Finding::new(format!("permissions of {}", preflight.caller.arn), verdict));
    findings
}

/// Whether a policy keeps the caller from asking.
fn is_refusal(fault: &Fault) -> bool {
    let is_denial = |code: &String| code.starts_with("AccessDenied");
    fault.class == Class::Denied && fault.code.as_ref().is_some_and(is_denial)
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

/// What a step makes, and the name that it gives to it.
fn wanted(config: &Config, step: &Step) -> Option<(DryRun, String)> {
    let zone = step.address.as_str().rsplit('.').next()?;
    match step.kind.as_str() {
        "ec2.elastic_ip" => Some((DryRun::Address, format!("nat-{zone}"))),
        "ec2.internet_gateway" => Some((DryRun::InternetGateway, "igw".to_owned())),
        "ec2.nat_gateway" => Some((DryRun::NatGateway, format!("nat-{zone}"))),
        "ec2.vpc" => Some((DryRun::Vpc { cidr: config.network.vpc_cidr.to_string() }, "vpc".to_owned())),
        _ => None,
    }
}

impl Preflight<'_> {
    /// Asks EC2 for one of each kind that the plan makes.
    async fn dry_run(&self, is_asked: impl Fn(&Create) -> bool) -> Vec<Finding> {
        let asked = DRY_RUNS.iter().filter(|create| is_asked(create));
        let made = asked.filter_map(|create| Some((create, self.made(create.kind).next()?)));
        join_all(made.map(|(create, step)| async move {
            Finding::new(format!("permission {}", create.action), self.asked_for(step).await)
        }))
        .await
    }

    async fn asked_for(&self, step: &Step) -> Verdict {
        let Some((wanted, name)) = wanted(self.config, step) else {
            return Verdict::unknown("EC2 cannot be asked for it");
        };
        let mark = Mark { stack: stack_name(self.config), address: step.address.clone() };
        match dry_run(self.aws, &wanted, (&tags_of(self.config, &name), &mark)).await {
            Ok(Leave::Given) => Verdict::good("allowed"),
            Ok(Leave::Untold) => {
                Verdict::unknown("EC2 does not tell before its subnet and its address are there")
            }
            // Not all endpoints look at permissions alone, but at nothing else before them. The quotas are looked at by themselves.
            Err(fault) if fault.code.as_ref().is_some_and(|code| code.ends_with("LimitExceeded")) => {
                Verdict::good("allowed")
            }
            Err(fault) if fault.class == Class::Denied => Verdict::problem(fault.to_string(), HINT),
            Err(fault) => Verdict::unseen(&fault),
        }
    }

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

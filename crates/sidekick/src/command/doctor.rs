//! `sidekick doctor`, and what `up` looks at before its first change: everything that would keep the environment from coming
//! up and can be seen beforehand. Changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use sidekick_engine::{Address, Fault, Plan, RunError};
use sidekick_stack::config::Config;
use sidekick_stack::preflight::{Finding, Preflight, Verdict};

use super::run::engine;
use crate::args::Global;
use crate::error::{Error, FAILED, hint};
use crate::printer::Printer;
use crate::render;
use crate::session::{Session, load_config};
use crate::signal;
use crate::state_file::StateFile;

/// Looks at everything, and reports it all together.
pub(crate) async fn doctor(global: &Global, printer: &Printer) -> Result<u8, Error> {
    let stop = signal::listen();
    let config = load_config(global)?;
    let file = StateFile::open_for(global, "doctor", &config)?;
    let (session, facts, problems) = Session::with_problems(global, &config, &stop).await?;
    let mut findings = vec![credentials(&session)];
    findings.extend(
        problems.into_iter().map(|(what, hint)| finding("configuration", Verdict::Problem { what, hint })),
    );
    let graph = sidekick_stack::graph(&config, &facts);
    let ledger = file.ledger(&session)?;
    let engine = engine(&session, &ledger, Arc::new(|_| {}), stop.clone());
    let plan = match engine.plan(&graph).await {
        Ok((plan, _)) => plan,
        // What cannot be read is told with all else, and all else is looked at as far as that can be.
        Err(RunError::Survey(faults)) => {
            findings.extend(faults.into_iter().map(refused));
            Plan::default()
        }
        Err(error) => return Err(error.into()),
    };
    if let Err(RunError::Refused(faults)) = plan.check(&BTreeSet::new()) {
        findings.extend(faults.into_iter().map(refused));
    }
    let looked = signal::unless_asked(&stop, async { Ok(look(&session, &config, &plan, true).await) });
    findings.extend(looked.await?);
    let well = findings.iter().all(|finding| finding.problem().is_none());
    render::findings(printer, &session.identity, &findings);
    Ok(if well { 0 } else { FAILED })
}

/// Refuses a plan that must not be carried out, or that the account would not let be: whatever is in the way is told together.
pub(super) async fn preflight(
    session: &Session,
    config: &Config,
    (plan, consent): (&Plan, &BTreeSet<Address>),
) -> Result<(), Error> {
    let findings = look(session, config, plan, false).await;
    for Finding { subject, verdict } in &findings {
        tracing::info!(subject, ?verdict, "preflight");
    }
    let of_account: Vec<_> = findings.iter().filter_map(Finding::problem).collect();
    match plan.check(consent) {
        checked if of_account.is_empty() => Ok(checked?),
        Err(RunError::Refused(faults)) => {
            let own = faults.into_iter().map(refused).filter_map(|finding| finding.problem());
            let reasons = own.chain(of_account).collect();
            let what =
                "some steps of this plan must not be taken, and the account would not let it be carried out";
            Err(Error::Unmet { what: what.to_owned(), reasons })
        }
        _ => Err(Error::Unmet {
            what: "the account would not let this plan be carried out".to_owned(),
            reasons: of_account,
        }),
    }
}

async fn look(session: &Session, config: &Config, plan: &Plan, dry_runs: bool) -> Vec<Finding> {
    let Session { aws, caller, .. } = session;
    Preflight { aws, config, caller, plan, dry_runs }.findings().await
}

fn credentials(session: &Session) -> Finding {
    finding("credentials", Verdict::Good { seen: session.caller.arn.clone() })
}

/// What could not be read, or must not be done.
fn refused((address, fault): (Address, Fault)) -> Finding {
    finding(address.as_str(), Verdict::Problem { what: fault.to_string(), hint: hint(&fault).to_owned() })
}

fn finding(subject: &str, verdict: Verdict) -> Finding {
    Finding { subject: subject.to_owned(), verdict }
}

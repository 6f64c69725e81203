//! What was found out about the account before anything is changed in it.

use std::fmt::Write as _;

use serde_json::json;
use sidekick_engine::Identity;
use sidekick_stack::preflight::{Finding, Verdict};

use super::style::{BAD, BOLD, CHANGE, GOOD, paint};
use crate::printer::Printer;
use crate::recording::SCHEMA;

/// Shows all findings, and how many are in the way.
pub(crate) fn findings(printer: &Printer, identity: &Identity, findings: &[Finding]) {
    let problems = findings.iter().filter(|finding| finding.problem().is_some()).count();
    let Identity { stack, account, region } = identity;
    if printer.is_json() {
        printer.json(&json!({
            "schema": SCHEMA,
            "findings": findings, "well": problems == 0, "stack": stack, "account": account, "region": region,
        }));
        return;
    }
    let mut text = format!("{} in account {account}, {region}\n", paint(BOLD, stack));
    for Finding { subject, verdict } in findings {
        let _ = match verdict {
            Verdict::Good { seen } => writeln!(text, "  {} {subject}: {seen}", paint(GOOD, "ok     ")),
            Verdict::Unknown { why } => writeln!(text, "  {} {subject}: {why}", paint(CHANGE, "unknown")),
            Verdict::Problem { what, hint } => {
                writeln!(text, "  {} {subject}: {what}\n          hint: {hint}", paint(BAD, "problem"))
            }
        };
    }
    let _ = match problems {
        0 => writeln!(text, "Nothing is in the way."),
        1 => writeln!(text, "1 problem is in the way."),
        problems => writeln!(text, "{problems} problems are in the way."),
    };
    printer.text(&text);
}

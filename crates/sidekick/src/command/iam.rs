//! `sidekick iam`: what an identity needs that runs sidekick, by the configuration alone; without a call to AWS.

use sidekick_aws::permissions::Purpose;
use sidekick_stack::deployer;

use crate::args::{Global, PolicyFor};
use crate::error::Error;
use crate::printer::Printer;
use crate::session::load_config;

pub(crate) fn iam_policy(global: &Global, printer: &Printer, purpose: PolicyFor) -> Result<u8, Error> {
    let config = load_config(global)?;
    let policy = deployer::policy(
        &config,
        match purpose {
            PolicyFor::Up => Purpose::Up,
            PolicyFor::Plan => Purpose::Plan,
            PolicyFor::Down => Purpose::Down,
        },
    );
    if printer.is_json() {
        printer.json(&policy);
    } else {
        printer.text(&format!("{policy:#}\n"));
    }
    Ok(0)
}

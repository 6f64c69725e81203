//! `sidekick validate`: every problem of the configuration, without a call to AWS.

use serde_json::json;

use crate::args::Global;
use crate::error::Error;
use crate::printer::Printer;
use crate::session::load_config;

pub(crate) fn validate(global: &Global, printer: &Printer) -> Result<u8, Error> {
    let config = load_config(global)?;
    if printer.is_json() {
        let advice = config.advice();
        printer.json(&json!({ "valid": true, "environment": config.environment_name, "advice": advice }));
    } else {
        printer.text(&format!("the configuration of {} is valid\n", config.environment_name));
        config.advice().iter().for_each(|advice| printer.text(&format!("advice: {advice}\n")));
    }
    Ok(0)
}

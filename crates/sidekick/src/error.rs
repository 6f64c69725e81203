//! Errors as the user sees them: what was tried, what was said, what to do next, and the exit code.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;
use sidekick_engine::{Address, Class, Fault, LedgerError, RunError};
use sidekick_stack::config::ConfigProblems;

use crate::signal;

/// The exit code of what was tried and failed.
pub(crate) const FAILED: u8 = 1;
/// The exit code of what was not tried, because the call or the configuration has to change first.
pub(crate) const UNUSABLE: u8 = 2;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The configuration has problems.
    #[error("the configuration has problems")]
    Config(ConfigProblems),
    /// What was asked for cannot be, for reasons that are all listed.
    #[error("{what}")]
    Unmet {
        /// What cannot be done.
        what: String,
        /// The reasons, each with what to do about it.
        reasons: Vec<(String, String)>,
    },
    /// AWS failed before the run began.
    #[error("{0}")]
    Aws(Fault),
    /// The run could not be planned or did not start.
    #[error("{0}")]
    Run(#[from] RunError),
    /// The state file cannot be used.
    #[error("{0}")]
    Ledger(#[from] LedgerError),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The run ended without reaching its goal; its events have told why.
    #[error("the run did not reach its goal")]
    Incomplete,
    /// A signal stopped the run on its way; its report has told how far it came.
    #[error("the run was interrupted")]
    Interrupted,
}

impl Error {
    /// A refusal with one reason.
    pub(crate) fn unmet(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Unmet { what: what.into(), reasons: vec![(String::new(), hint.into())] }
    }

    /// What a file cannot be read or written for.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    /// 2 for what the user has to change in the call or the configuration, the signal's own for what a signal stopped,
    /// 1 for everything else.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Unmet { .. } => UNUSABLE,
            Self::Run(RunError::Interrupted) | Self::Interrupted => signal::exit_code(),
            _ => FAILED,
        }
    }

    /// Whether the end of the run has told of it already.
    pub(crate) const fn is_told(&self) -> bool {
        matches!(self, Self::Incomplete | Self::Interrupted)
    }

    /// The error in full, without colour.
    pub(crate) fn report(&self) -> String {
        let mut text = String::new();
        match self {
            Self::Config(problems) => {
                let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none());
                let written = handler.render_report(&mut text, problems);
                if written.is_err() {
                    text = problems.to_string();
                }
            }
            Self::Unmet { what, reasons } => {
                text = format!("error: {what}\n");
                for (reason, hint) in reasons {
                    if !reason.is_empty() {
                        let _ = writeln!(text, "  {reason}");
                    }
                    let _ = writeln!(text, "  hint: {hint}");
                }
            }
            Self::Run(RunError::Survey(faults) | RunError::Refused(faults)) => {
                text = format!("error: {self}\n");
                for (address, fault) in faults {
                    text.push_str(&failure(address, fault));
                }
            }
            Self::Aws(fault) => {
                text = format!("error: {fault}\n{}", hint_line(fault));
            }
            Self::Run(RunError::Ledger(error)) | Self::Ledger(error) => {
                text = format!("error: {error}\n  hint: {}\n", advice(error));
            }
            Self::Run(RunError::Interrupted) => {
                text = format!("error: {self}\n  hint: run the command again\n");
            }
            Self::File { .. } | Self::Incomplete | Self::Interrupted => text = format!("error: {self}\n"),
        }
        text
    }

    /// The error for programs.
    pub(crate) fn json(&self, exit_code: u8) -> serde_json::Value {
        json!({ "error": self.to_string(), "exit_code": exit_code, "report": self.report() })
    }
}

/// One resource's failure: the resource, what was tried, what AWS said, what to do.
pub(crate) fn failure(address: &Address, fault: &Fault) -> String {
    let told = fault.to_string().replace('\n', "\n      ");
    format!(
        "  {address}\n    {told}\n{}",
        hint_line(fault).lines().map(|line| format!("  {line}\n")).collect::<String>()
    )
}

/// What to do about a failure.
pub(crate) fn hint(fault: &Fault) -> &str {
    fault.hint.as_deref().unwrap_or_else(|| by_class(fault.class))
}

fn hint_line(fault: &Fault) -> String {
    format!("  hint: {}\n", hint(fault))
}

/// What to do about a failure of which nothing more is known than its class.
const fn by_class(class: Class) -> &'static str {
    match class {
        Class::Throttled => {
            "AWS limits the rate of calls in this account; run the command again in a few minutes"
        }
        Class::Transient => "run the command again; it finds out what became of the call",
        Class::NotYetVisible => "what it names is not visible everywhere yet; run the command again",
        Class::Blocked => {
            "remove what holds it, or wait until AWS is done with it, then run the command again"
        }
        Class::Conflict => "look who has that name; sidekick takes over only what carries its own tags",
        Class::Denied => "give the identity that runs sidekick the permission that AWS names",
        Class::Invalid => "correct the value that AWS names in the configuration, then run the command again",
        Class::Gone => "run the command again; what has gone is made anew",
    }
}

fn advice(error: &LedgerError) -> &'static str {
    match error {
        LedgerError::Broken { .. } => {
            "nothing was changed; `sidekick state history` lists the states that are kept, and `sidekick state restore SERIAL` brings one back (or FILE, a backup of yours); without any, move the file away and run `sidekick up`, which finds the environment again by its ownership tags"
        }
        LedgerError::Replaced { .. } => {
            "nothing was changed; `sidekick state history` lists the states that are kept, and `sidekick state restore SERIAL` brings the last one back; if this one is meant, give the path of the state file itself to `sidekick state restore`"
        }
        LedgerError::Missing { .. } => {
            "nothing was changed; `sidekick state history` lists the states that are kept, and `sidekick state restore SERIAL` brings one back; or run `sidekick up`, which finds the environment again by its ownership tags"
        }
        LedgerError::Newer { .. } => {
            "nothing was changed; use the sidekick that wrote the file, or a newer one"
        }
        LedgerError::Foreign { .. } => {
            "nothing was changed; name another file with --state, or use the credentials and region of that environment (a file of the sandbox needs --sandbox)"
        }
        LedgerError::Locked { .. } => "wait for that run to end; its lock ends with it, whatever happens",
        LedgerError::Io { .. } | LedgerError::Read(_) | LedgerError::Write(_) => {
            "make the file's folder writable and free some disk space, then run the command again; it goes on from here"
        }
        LedgerError::Illegal { .. } => "this is a defect of sidekick; please report it with the state file",
    }
}

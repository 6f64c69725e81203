//! The log for whoever looks for a cause: `SIDEKICK_LOG` says how fine it is, and it goes to the error stream.

use std::env;
use std::ffi::OsStr;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::error::Error;

/// The variable that turns the log on. Without it, and with an empty one, there is none.
const VARIABLE: &str = "SIDEKICK_LOG";

/// What the variable may say; each level has those before it as well.
const LEVELS: [(&str, LevelFilter); 5] = [
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

/// Whose events are let through, whatever level is asked for. The SDK and its HTTP client have events as well; the
/// finer ones show requests and answers as they are, and passwords are in them.
const OURS: [&str; 2] = [env!("CARGO_CRATE_NAME"), "sidekick_aws"];

/// Starts the log, if one is asked for.
pub(crate) fn start() -> Result<(), Error> {
    let Some(level) = env::var_os(VARIABLE).filter(|level| !level.is_empty()) else { return Ok(()) };
    let stderr = fmt::layer().with_writer(std::io::stderr);
    // It fails only where a log has been started before, which then stays.
    let _ = tracing_subscriber::registry().with(ours(level_named(&level)?)).with(stderr).try_init();
    tracing::debug!(version = env!("CARGO_PKG_VERSION"), "sidekick begins");
    Ok(())
}

fn level_named(name: &OsStr) -> Result<LevelFilter, Error> {
    let level = LEVELS.iter().find(|(known, _)| name == *known);
    level.map(|(_, level)| *level).ok_or_else(|| {
        Error::unmet(
            format!("{VARIABLE} is {:?}, which is no level of the log", name.display().to_string()),
            format!("set it to one of {}, or unset it", LEVELS.map(|(known, _)| known).join(", ")),
        )
    })
}

fn ours(level: LevelFilter) -> Targets {
    Targets::new().with_targets(OURS.map(|own| (own, level)))
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn nobody_elses_events_are_let_through_at_any_level() {
        for (name, level) in LEVELS {
            let targets = ours(level);
            for own in ["sidekick", "sidekick::session", "sidekick_aws::permits::call"] {
                assert!(targets.would_enable(own, &Level::ERROR), "{own} at {name}");
                assert_eq!(targets.would_enable(own, &Level::TRACE), name == "trace", "{own} at {name}");
            }
            let others =
                ["aws_smithy_runtime::client::orchestrator", "aws_config", "hyper_util", "rustls", ""];
            for other in others {
                assert!(!targets.would_enable(other, &Level::ERROR), "{other} at {name}");
            }
        }
    }

    #[test]
    fn an_unknown_level_is_refused_with_all_that_there_are() {
        let told = level_named(OsStr::new("loud")).err().map(|error| error.report()).unwrap_or_default();
        assert!(told.contains("SIDEKICK_LOG is \"loud\""), "{told}");
        assert!(told.contains("error, warn, info, debug, trace"), "{told}");
        assert!(level_named(OsStr::new("debug")).is_ok_and(|level| level == LevelFilter::DEBUG));
    }
}

//! The few colours, and how times and changes are called.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use sidekick_engine::Mutation;

/// Something comes into being or is well.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// Something changes or waits.
pub(super) const CHANGE: Style = AnsiColor::Yellow.on_default();
/// Something goes or fails.
pub(super) const BAD: Style = AnsiColor::Red.on_default();
/// Something that the eye may skip.
pub(super) const DIM: Style = Style::new().dimmed();
/// Something that the eye shall find.
pub(super) const BOLD: Style = Style::new().bold();

/// Text in a style.
pub(super) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// A duration as people say it: `0.4 s`, `42 s`, `8 min 21 s`.
pub(crate) fn in_words(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// The same for a number of seconds.
pub(crate) fn seconds_in_words(seconds: f64) -> String {
    in_words(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

/// A moment: `2026-11-25 14:10:11 UTC`.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A change that is to be made, or was.
pub(crate) const fn to_do(action: Mutation) -> &'static str {
    match action {
        Mutation::Create => "create",
        Mutation::Update => "update",
        Mutation::Delete => "delete",
    }
}

/// A change that is being made.
pub(super) const fn doing(action: Mutation) -> &'static str {
    match action {
        Mutation::Create => "creating",
        Mutation::Update => "updating",
        Mutation::Delete => "deleting",
    }
}

/// A duration that is foretold: to the second below a minute, else to ten seconds.
pub(super) fn about(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{} s", seconds.max(1)),
        seconds => in_words(Duration::from_secs((seconds + 5) / 10 * 10)),
    }
}

/// A moment of a run as a clock shows it: `8:21`.
pub(super) fn as_clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_speech() {
        let said = [400, 9_900, 42_000, 120_000, 501_000].map(|ms| in_words(Duration::from_millis(ms)));
        assert_eq!(said, ["0.4 s", "9.9 s", "42 s", "2 min", "8 min 21 s"]);
        assert_eq!(as_clock(Duration::from_secs(501)), "8:21");
    }
}

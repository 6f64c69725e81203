//! The few colours, and durations in words.

use std::time::Duration;

use anstyle::{AnsiColor, Style};

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

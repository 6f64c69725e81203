//! The windows in which AWS backs a data store up and maintains it, as AWS writes them: `03:00-04:00`,
//! `sun:05:00-sun:06:00`.

use super::problem::Refusal;
use super::value::Value;

const DAY: u32 = 24 * 60;
const WEEK: u32 = 7 * DAY;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The windows of one data store; what is left out is AWS's choice.
pub(super) struct Windows<'a> {
    pub(super) daily: Value<'a>,
    pub(super) weekly: Value<'a>,
    /// The fewest minutes that each has.
    pub(super) least: u32,
}

impl Windows<'_> {
    /// Reads the daily and the weekly one, which must not overlap.
    pub(super) fn read(&self) -> (Option<String>, Option<String>) {
        let read = |value: &Value<'_>, cycle: Cycle| {
            value.optional().map(|value| value.text(|text| self.check(text, cycle)))
        };
        let (daily, weekly) = (read(&self.daily, Cycle::Day), read(&self.weekly, Cycle::Week));
        if let (Some(one), Some(other)) = (&daily, &weekly)
            && self.daily.is_sound()
            && self.weekly.is_sound()
            && overlap(one, other)
        {
            self.weekly.refuse(Refusal::new(
                format!("{other:?} overlaps `{}`, {one:?}", self.daily.path()),
                "AWS wants the two windows apart: move one of them",
            ));
        }
        (daily, weekly)
    }

    fn check(&self, text: &str, cycle: Cycle) -> Result<String, Refusal> {
        let window = text.to_lowercase();
        let Some((from, to)) = cycle.ends(&window) else {
            let message = format!("{text:?} is not a window");
            return Err(Refusal::new(message, format!("write it in UTC, like \"{}\"", cycle.example())));
        };
        let minutes = length(from, to, cycle.minutes());
        if minutes < self.least {
            let message = format!("a window of {minutes} minutes is too short");
            return Err(Refusal::new(message, format!("it has at least {} minutes", self.least)));
        }
        Ok(window)
    }
}

/// How often a window comes.
#[derive(Clone, Copy)]
enum Cycle {
    Day,
    Week,
}

impl Cycle {
    const fn minutes(self) -> u32 {
        match self {
            Self::Day => DAY,
            Self::Week => WEEK,
        }
    }

    const fn example(self) -> &'static str {
        match self {
            Self::Day => "03:00-04:00",
            Self::Week => "sun:05:00-sun:06:00",
        }
    }

    fn ends(self, window: &str) -> Option<(u32, u32)> {
        let (from, to) = window.split_once('-')?;
        Some((self.minute(from)?, self.minute(to)?))
    }

    fn minute(self, text: &str) -> Option<u32> {
        let (days, time) = match self {
            Self::Day => (0, text),
            Self::Week => {
                let (day, time) = text.split_once(':')?;
                (DAYS.iter().position(|name| *name == day)?, time)
            }
        };
        let (hour, minute) = time.split_once(':')?;
        Some(u32::try_from(days).ok()? * DAY + number(hour, 24)? * 60 + number(minute, 60)?)
    }
}

/// Two digits below a limit.
fn number(text: &str, below: u32) -> Option<u32> {
    let is_number = text.len() == 2 && text.chars().all(|c| c.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && *number < below)
}

const fn length(from: u32, to: u32, cycle: u32) -> u32 {
    (to + cycle - from) % cycle
}

/// Whether a daily and a weekly window have a minute in common.
fn overlap(daily: &str, weekly: &str) -> bool {
    let (Some((begin, end)), Some((from, to))) = (Cycle::Day.ends(daily), Cycle::Week.ends(weekly)) else {
        return false;
    };
    (0..WEEK).step_by(DAY as usize).map(|midnight| midnight + begin).any(|begin_of_day| {
        length(from, begin_of_day, WEEK) < length(from, to, WEEK)
            || length(begin_of_day, from, WEEK) < length(begin, end, DAY)
    })
}

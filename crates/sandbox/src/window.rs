//! The windows in which data stores are maintained and backed up: `03:00-04:00`, `sun:05:00-sun:06:00`.

use crate::call::Refusal;
use crate::params::Params;

const DAY: u32 = 24 * 60;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A daily window of at least so many minutes, in AWS's spelling.
pub(crate) fn daily(params: &Params, name: &str, least: u32) -> Result<Option<String>, Refusal> {
    read(params, name, least, DAY, minute_of_day)
}

/// A weekly window of at least so many minutes, in AWS's spelling.
pub(crate) fn weekly(params: &Params, name: &str, least: u32) -> Result<Option<String>, Refusal> {
    read(params, name, least, 7 * DAY, minute_of_week)
}

/// Whether a daily and a weekly window have a minute in common.
pub(crate) fn overlap(daily: &str, weekly: &str) -> bool {
    let week = 7 * DAY;
    let (Some(every_day), Some((from, to))) = (ends(daily, minute_of_day), ends(weekly, minute_of_week))
    else {
        return false;
    };
    let (length, week_s_length) = ((every_day.1 + DAY - every_day.0) % DAY, (to + week - from) % week);
    (0..7)
        .map(|day| day * DAY + every_day.0)
        .any(|begins| (begins + week - from) % week < week_s_length || (from + week - begins) % week < length)
}

fn ends(window: &str, minute: fn(&str) -> Option<u32>) -> Option<(u32, u32)> {
    let (from, to) = window.split_once('-')?;
    Some((minute(from)?, minute(to)?))
}

fn read(
    params: &Params,
    name: &str,
    least: u32,
    cycle: u32,
    minute: fn(&str) -> Option<u32>,
) -> Result<Option<String>, Refusal> {
    let Some(text) = params.text_if(name)? else { return Ok(None) };
    let window = text.to_lowercase();
    let length = ends(&window, minute).map(|(from, to)| (to + cycle - from) % cycle);
    match length {
        Some(length) if length >= least => Ok(Some(window)),
        _ => Err(params.invalid(name, text, &format!("It must be a window of at least {least} minutes."))),
    }
}

fn minute_of_week(text: &str) -> Option<u32> {
    let (day, time) = text.split_once(':')?;
    let day = u32::try_from(DAYS.iter().position(|name| *name == day)?).ok()?;
    Some(day * DAY + minute_of_day(time)?)
}

fn minute_of_day(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str, below: u32| {
        let number: u32 = text.parse().ok().filter(|_| text.len() == 2)?;
        (number < below).then_some(number)
    };
    Some(digits(hour, 24)? * 60 + digits(minute, 60)?)
}

#[cfg(test)]
mod tests {
    use super::{minute_of_day, minute_of_week, overlap};

    #[test]
    fn times_are_read_as_aws_writes_them() {
        assert_eq!(minute_of_day("23:59"), Some(1439));
        assert_eq!(minute_of_week("tue:00:10"), Some(1450));
        for wrong in ["24:00", "3:00", "03:60", "03", "mon:03:00"] {
            assert_eq!(minute_of_day(wrong), None, "{wrong}");
        }
        assert_eq!(minute_of_week("day:03:00"), None);
    }

    #[test]
    fn windows_overlap_over_midnight_and_over_the_end_of_the_week() {
        for (daily, weekly) in [
            ("09:00-10:00", "sun:09:30-sun:10:30"),
            ("09:00-10:00", "tue:08:00-tue:11:00"),
            ("23:30-00:30", "mon:00:00-mon:01:00"),
            ("00:00-01:00", "sun:23:30-mon:00:30"),
        ] {
            assert!(overlap(daily, weekly), "{daily} {weekly}");
        }
        for (daily, weekly) in
            [("09:00-10:00", "sun:10:00-sun:11:00"), ("23:30-00:30", "mon:00:30-mon:01:00")]
        {
            assert!(!overlap(daily, weekly), "{daily} {weekly}");
        }
    }
}

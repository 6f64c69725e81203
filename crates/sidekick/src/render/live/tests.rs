use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anstream::adapter::strip_str;
use jiff::{SignedDuration, Timestamp};
use sidekick_engine::{Event, Forecast, Mutation, Prospect, What};

use super::Live;
use super::frame::{Size, frame, header};
use super::watch::{State, Watch, expected};
use crate::recording::Fact;

const UP: &str = include_str!("../../../tests/recordings/up.ndjson");
const CHANGE: &str = include_str!("../../../tests/recordings/change.ndjson");
const DOWN: &str = include_str!("../../../tests/recordings/down.ndjson");

const NARROW: Size = Size { columns: 80, rows: 24 };
const WIDE: Size = Size { columns: 140, rows: 40 };

fn facts(recording: &str) -> Vec<Fact> {
    recording.lines().map(|line| serde_json::from_str(line).expect("a fact")).collect()
}

/// A run as it is watched so many seconds after it was agreed to, and that moment.
fn watched(recording: &str, seconds: i64) -> (Watch, Timestamp) {
    let mut watch = Watch::default();
    let mut now = Timestamp::UNIX_EPOCH;
    for fact in facts(recording) {
        if let Some(begun) = watch.begun {
            now = begun + SignedDuration::from_secs(seconds);
            if fact.at() > now {
                break;
            }
        }
        watch.note(&fact);
    }
    (watch, now)
}

fn pictures(recording: &str, moments: &[i64], size: Size) -> String {
    let mut text = String::new();
    for seconds in moments {
        let (watch, now) = watched(recording, *seconds);
        let _ = writeln!(text, "--- after {seconds} s");
        for line in frame(&watch, now, size) {
            let _ = writeln!(text, "{}", strip_str(&line));
        }
    }
    text
}

#[test]
fn a_run_is_drawn_from_its_first_second_to_its_end() {
    insta::assert_snapshot!("up_80", pictures(UP, &[0, 2, 20, 150, 420, 540], NARROW));
    insta::assert_snapshot!("up_140", pictures(UP, &[20, 150, 420], WIDE));
    insta::assert_snapshot!("down_80", pictures(DOWN, &[5, 60, 300], NARROW));
    insta::assert_snapshot!("failing_change_140", pictures(CHANGE, &[4, 60, 250], WIDE));
}

#[test]
fn colour_is_added_to_the_same_picture_and_says_nothing_by_itself() {
    let (watch, now) = watched(UP, 150);
    let coloured = frame(&watch, now, NARROW);
    let plain: Vec<_> = coloured.iter().map(|line| strip_str(line).to_string()).collect();
    assert_ne!(coloured, plain);
    insta::assert_snapshot!("up_80_coloured", coloured.join("\n").replace('\u{1b}', "ESC"));
    // What colour tells apart has marks and words of its own.
    let failed = pictures(CHANGE, &[250], WIDE);
    assert!(failed.contains("✘ compute") && failed.contains("1 failed or skipped"), "{failed}");
}

#[test]
fn a_header_without_room_keeps_the_times_before_its_words() {
    let (watch, now) = watched(UP, 150);
    let head = |columns| strip_str(&frame(&watch, now, Size { columns, rows: 24 })[0]).to_string();
    assert!(head(140).contains(" · waiting for data.redis, 1:45 of about"), "{}", head(140));
    for columns in [80, 76] {
        let head = head(columns);
        assert!(head.contains(" · data.redis 1:45") && head.ends_with(" of about 6 min 30 s"), "{head}");
    }
    assert!(head(60).ends_with(" · data.redis"), "{}", head(60));
    assert!(head(30).ends_with('…'), "{}", head(30));
}

/// A log on which nothing happens says after half a minute that the run goes on, and then more rarely.
#[test]
fn a_log_that_was_silent_for_long_has_a_sign_of_life() {
    let mut live = Live::new(None, false);
    let ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds)).expect("a moment");
    live.said = ago(31);
    assert_eq!(live.heartbeat(), None, "no run is under way");
    let (watch, _) = watched(UP, 150);
    live.watch = watch;
    let told = live.heartbeat().expect("a sign of life");
    assert!(told.contains(" · waiting for data.redis, "), "{told}");
    live.said = ago(31);
    assert_eq!(live.heartbeat(), None, "the next pause is longer");
    live.said = ago(61);
    assert!(live.heartbeat().is_some());
    live.has_said();
    live.said = ago(31);
    assert!(live.heartbeat().is_some(), "whatever was said begins the pauses anew");
    live.picture = true;
    live.said = ago(61);
    assert_eq!(live.heartbeat(), None, "a picture shows it all the time");
}

#[test]
fn every_picture_fits_into_every_window() {
    for recording in [UP, CHANGE, DOWN] {
        for seconds in [0, 10, 150, 500] {
            let (watch, now) = watched(recording, seconds);
            for (columns, rows) in
                (1..150).step_by(7).flat_map(|columns| (1..45).map(move |rows| (columns, rows)))
            {
                let lines = frame(&watch, now, Size { columns, rows });
                assert!(
                    !lines.is_empty() && lines.len() <= rows.saturating_sub(1).max(1),
                    "{columns}x{rows}: {lines:#?}"
                );
                let widths = lines.iter().map(|line| strip_str(line).to_string().chars().count());
                assert!(widths.max() <= Some(columns.saturating_sub(1)), "{columns}x{rows}: {lines:#?}");
            }
        }
    }
}

#[test]
fn the_time_left_begins_as_foretold_and_ends_at_nothing() {
    let left = |seconds| {
        let (watch, now) = watched(UP, seconds);
        watch.outlook(now).left.as_secs()
    };
    let foretold = facts(UP).iter().find_map(|fact| match fact {
        Fact::Run(crate::recording::RunFact::RunPlanned(planned)) => Some(planned.forecast.total.as_secs()),
        _ => None,
    });
    assert!(foretold.is_some_and(|foretold| left(0).abs_diff(foretold) <= 2), "{foretold:?}, {}", left(0));
    assert!(left(120) < left(0), "time goes by");
    assert_eq!(left(100_000), 0);
}

#[test]
fn what_takes_longer_than_expected_is_waited_for_and_what_was_not_expected_is_shown() {
    let (mut watch, now) = watched(UP, 150);
    let late = now + SignedDuration::from_hours(1);
    let waiting_for = watch.outlook(late).waiting_for.map(|change| change.address.to_string());
    assert_eq!(waiting_for.as_deref(), Some("data.redis"), "it is still the one");
    assert!(watch.outlook(late).left > Duration::ZERO, "what comes after it takes its time as well");
    assert!((watch.outlook(late).overdue, watch.outlook(now).overdue) == (true, false));
    let (address, kind) = ("edge.surprise".into(), "wafv2.ip_set".to_owned());
    let what = What::Started { action: Mutation::Update };
    watch.note(&Fact::Resource(Event { at: now, address, kind, what }));
    let last = watch.changes.last().expect("one");
    assert_eq!((last.address.as_str(), last.state), ("edge.surprise", State::Running(now)));
}

#[test]
fn a_log_is_told_the_same_as_the_head_of_a_picture() {
    let (watch, now) = watched(UP, 150);
    let line: String = header(&watch, now).into_iter().map(|(_, text)| text).collect();
    assert!(line.starts_with("2:30 · about "), "{line}");
    assert!(line.contains(" · waiting for data.redis, "), "{line}");
}

/// The address of what is replaced stands in a forecast twice, and who takes the new one waits for the second.
#[test]
fn what_needs_a_replaced_resource_waits_for_the_new_one_to_be_begun() {
    let second = Duration::from_secs;
    let prospect = |address: &str, action, (starts, ends), after: Option<&str>| Prospect {
        address: address.into(),
        action,
        starts,
        ends,
        after: after.map(Into::into),
        critical: true,
    };
    let begun = second(100) + Forecast::ANSWERED;
    let prospects = vec![
        prospect("a", Mutation::Delete, (Duration::ZERO, second(100)), None),
        prospect("a", Mutation::Create, (second(100), second(400)), Some("a")),
        prospect("b", Mutation::Create, (begun, begun + second(50)), Some("a")),
        prospect("c", Mutation::Create, (second(400), second(500)), Some("a")),
    ];
    let mut watch =
        Watch { changes: expected(&Forecast { prospects, ..Forecast::default() }), ..Watch::default() };
    let now = Timestamp::UNIX_EPOCH;
    assert_eq!(watch.outlook(now).left, second(500));
    watch.changes.truncate(3);
    assert_eq!(watch.outlook(now).left, second(400), "b is over before a is");
}

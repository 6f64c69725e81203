//! Log streams: what one container wrote.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::group::absent;
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

/// The most events in one answer.
const MOST_EVENTS: i64 = 10_000;

/// The events of one stream, the oldest first: when, and the line.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct LogStream(Vec<(f64, String)>);

/// Writes a line into a stream, which is made for its first one. Without its group the line is lost.
pub(crate) fn write(world: &mut World, group: &str, stream: &str, line: &str) {
    let now = world.now;
    if let Some(group) = world.logs.groups.get_mut(group) {
        group.streams.entry(stream.to_owned()).or_default().0.push((now, line.to_owned()));
    }
}

/// Adds events to a stream that is there.
pub(super) fn put_events(world: &mut World, params: &Params) -> Answer {
    let (group, stream) = (params.text("logGroupName")?, params.text("logStreamName")?);
    let group = world.logs.groups.get_mut(group).ok_or_else(absent)?;
    let LogStream(events) = group.streams.get_mut(stream).ok_or_else(no_stream)?;
    for event in params.objects("logEvents")? {
        let at = event.number("timestamp")?.ok_or_else(|| event.missing("timestamp"))?;
        events.push((at as f64 / 1000.0, event.text("message")?.to_owned()));
    }
    Ok(json!({}))
}

fn no_stream() -> Refusal {
    Refusal::absent("ResourceNotFoundException", "The specified log stream does not exist.")
}

/// The newest events of a stream, or the oldest ones if asked from its head; always in the order of their times.
pub(super) fn get_events(world: &World, params: &Params) -> Answer {
    let group = world.logs.groups.get(params.text("logGroupName")?).ok_or_else(absent)?;
    let LogStream(events) = group.streams.get(params.text("logStreamName")?).ok_or_else(no_stream)?;
    let limit = params.number("limit")?.unwrap_or(MOST_EVENTS);
    if !(1..=MOST_EVENTS).contains(&limit) {
        return Err(params.invalid("limit", limit, "It must be between 1 and 10000."));
    }
    let limit = events.len().min(limit as usize);
    let shown = match params.flag("startFromHead")?.unwrap_or_default() {
        true => &events[..limit],
        false => &events[events.len() - limit..],
    };
    let view = |(at, line): &(f64, String)| {
        let at = (at * 1000.0) as i64;
        json!({ "timestamp": at, "ingestionTime": at, "message": line })
    };
    Ok(json!({
        "events": shown.iter().map(view).collect::<Value>(),
        "nextForwardToken": format!("f/{}", events.len()),
        "nextBackwardToken": "b/0",
    }))
}

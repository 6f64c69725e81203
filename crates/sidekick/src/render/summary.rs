//! What a plan amounts to: how much, how long and on what it waits, what is disrupted, how many calls, and what it costs.

use std::fmt::Write as _;
use std::time::Duration;

use sidekick_engine::{Address, Disruption, Forecast, Planned, Prospect};
use sidekick_stack::cost::Costs;

use super::plan::counts;
use super::style::{BOLD, CHANGE, DIM, about, paint};
use crate::recording::RunPlanned;

/// What is over sooner than this says little of what a run waits for.
const TELLING: Duration = Duration::from_secs(10);

/// How many prices are named; the others are in the sum.
const DEAREST: usize = 4;

/// The lines below a plan.
pub(super) fn summary(planned: &RunPlanned) -> String {
    let RunPlanned { plan, forecast, disruptions, costs, identity, .. } = planned;
    let mut text = format!("\n{} {}.\n", paint(BOLD, "Plan:"), counts(plan));
    text.push_str(&duration(forecast));
    let changes = match forecast.prospects.len() {
        1 => "1 of them a change".to_owned(),
        changes => format!("{changes} of them changes"),
    };
    let _ = writeln!(text, "  about {} calls to AWS, {changes}", forecast.calls);
    if let Some(costs) = costs {
        let made =
            |address: &Address| matches!(plan.action(address), Some(Planned::Create | Planned::Recover));
        text.push_str(&monthly(costs, made, &identity.region));
    }
    for Disruption { address, words } in disruptions {
        let _ = writeln!(text, "{} {address} {words}", paint(CHANGE, "disrupts:"));
    }
    text
}

/// How long it takes, and the way through what must wait for what that takes so long.
fn duration(forecast: &Forecast) -> String {
    let took = |prospect: &Prospect| prospect.ends.saturating_sub(prospect.starts);
    let way = forecast.prospects.iter().filter(|prospect| prospect.critical && took(prospect) >= TELLING);
    let way: Vec<_> = way.map(|prospect| format!("{} {}", prospect.address, about(took(prospect)))).collect();
    let names: Vec<_> = forecast.unforetold.iter().map(Address::as_str).collect();
    let updates = format!("as long as AWS takes to update {}", names.join(", "));
    if forecast.total < TELLING && !names.is_empty() {
        return format!("  {updates}\n");
    }
    let mut text = format!("  about {}", about(forecast.total));
    if !way.is_empty() {
        let _ = write!(text, ", for the most part waiting for {}", way.join(" → "));
    }
    if !names.is_empty() {
        let _ = write!(text, ", and {updates}");
    }
    text + "\n"
}

fn monthly(costs: &Costs, made: impl Fn(&Address) -> bool, region: &str) -> String {
    let (added, all) = (costs.sum(&made), costs.sum(|_| true));
    let mut dearest: Vec<_> = costs.prices.iter().filter(|price| made(&price.address)).collect();
    dearest
        .sort_by(|one, other| other.monthly.unwrap_or_default().total_cmp(&one.monthly.unwrap_or_default()));
    let more = if dearest.len() > DEAREST { ", …" } else { "" };
    let named =
        dearest.iter().filter_map(|price| Some(format!("{} {}", price.what, dollars(price.monthly?))));
    let named: Vec<_> = named.take(DEAREST).collect();
    let mut text = format!("  {} a month in all", dollars(all.monthly));
    if !named.is_empty() {
        let _ = write!(text, ", {} of it added: {}{more}", dollars(added.monthly), named.join(", "));
    }
    text.push_str(&difference(costs));
    if !all.unknown.is_empty() {
        let _ = write!(text, "; without {}, of unknown price", all.unknown.join(", "));
    }
    let elsewhere = if costs.region == region { String::new() } else { format!(" (not {region})") };
    let basis = format!("at list prices of {}{elsewhere}, {}", costs.region, costs.as_of);
    text + &paint(DIM, &format!("\n    {basis}; traffic, requests, logs and backups come on top\n"))
}

/// What the changes of what stands add to its price, or take from it; nothing where none does.
fn difference(costs: &Costs) -> String {
    let changed = costs.prices.iter().filter_map(|it| Some((it.what.as_str(), it.before?, it.monthly?)));
    let changed: Vec<_> = changed.collect();
    let more: f64 = changed.iter().map(|(_, before, now)| now - before).sum();
    let named: Vec<_> = changed
        .iter()
        .map(|(what, before, now)| format!("{what} {} → {}", dollars(*before), dollars(*now)))
        .collect();
    match named.is_empty() {
        true => String::new(),
        false => {
            let word = if more < 0.0 { "less" } else { "more" };
            format!(", {} {word} than now for what changes: {}", dollars(more.abs()), named.join(", "))
        }
    }
}

pub(crate) fn dollars(monthly: f64) -> String {
    format!("${monthly:.2}")
}

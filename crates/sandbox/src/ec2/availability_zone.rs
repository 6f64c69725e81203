//! Availability zones: fixed by the region.

use serde_json::{Value, json};

use crate::call::Answer;
use crate::filter::Filters;
use crate::params::Params;
use crate::tags::Tags;
use crate::world::World;

/// The zones of a region.
pub(crate) fn zones(region: &str) -> Vec<String> {
    let letters = match region {
        "us-east-1" => "abcdef",
        "us-west-2" | "ap-northeast-1" => "abcd",
        _ => "abc",
    };
    letters.chars().map(|letter| format!("{region}{letter}")).collect()
}

/// The id of a zone: `usw2-az1` for `us-west-2a`.
pub(crate) fn zone_id(zone: &str) -> String {
    let (region, letter) = zone.split_at(zone.len().saturating_sub(1));
    let short: String = region.split('-').map(abbreviate).collect();
    let number = letter.bytes().next().map_or(0, |letter| letter.saturating_sub(b'a') + 1);
    format!("{short}-az{number}")
}

fn abbreviate(part: &str) -> &str {
    match part {
        "north" => "n",
        "south" => "s",
        "east" => "e",
        "west" => "w",
        "central" => "c",
        "northeast" => "ne",
        "northwest" => "nw",
        "southeast" => "se",
        "southwest" => "sw",
        other => other,
    }
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    // All zones of the simulated region are opted in.
    params.ignore(&["AllAvailabilityZones"]);
    let names = params.texts("ZoneName")?;
    let ids = params.texts("ZoneId")?;
    let filters = Filters::read(params, "Filter", "Name", "Value")?;
    let mut shown = Vec::new();
    for zone in zones(&world.region) {
        let id = zone_id(&zone);
        let value = |name: &str| {
            Some(vec![match name {
                "zone-name" => zone.clone(),
                "zone-id" => id.clone(),
                "region-name" => world.region.clone(),
                "state" => "available".to_owned(),
                "zone-type" => "availability-zone".to_owned(),
                "opt-in-status" => "opt-in-not-required".to_owned(),
                _ => return None,
            }])
        };
        let named = (names.is_empty() || names.contains(&zone)) && (ids.is_empty() || ids.contains(&id));
        if filters.pass(&Tags::new(), value)? && named {
            shown.push(view(world, &zone, &id));
        }
    }
    if let Some(unknown) = names.iter().find(|name| !zones(&world.region).contains(name)) {
        return Err(params.invalid("ZoneName", unknown, "There is no such zone."));
    }
    Ok(json!({ "availabilityZoneInfo": shown }))
}

fn view(world: &World, zone: &str, id: &str) -> Value {
    json!({
        "zoneName": zone,
        "zoneId": id,
        "zoneState": "available",
        "zoneType": "availability-zone",
        "regionName": world.region,
        "groupName": world.region,
        "networkBorderGroup": world.region,
        "optInStatus": "opt-in-not-required",
        "messageSet": [],
    })
}

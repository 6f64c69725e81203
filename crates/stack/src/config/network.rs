//! The VPC and its subnets.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use ipnet::Ipv4Net;

use super::cidr;
use super::problem::Refusal;
use super::value::Value;

/// The VPC and its subnets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The address block of the VPC.
    pub vpc_cidr: Ipv4Net,
    /// Whether Amazon's DNS server answers in the VPC.
    pub dns_support: bool,
    /// Whether instances get public DNS names.
    pub dns_hostnames: bool,
    /// How many NAT gateways there are.
    pub nat_gateways: NatGateways,
    /// For tasks, database and cache; at least two, in at least two zones.
    pub private_subnets: Vec<Subnet>,
    /// For the load balancer; at least two, each in a zone of its own.
    pub alb_subnets: Vec<Subnet>,
    /// For NAT gateways; at least one.
    pub nat_subnets: Vec<Subnet>,
}

/// One subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Its address block, within the VPC's.
    pub cidr: Ipv4Net,
    /// Its availability zone, one of the environment's region.
    pub zone: String,
}

/// How many NAT gateways there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NatGateways {
    /// One, in the first NAT subnet, for all zones.
    #[default]
    Single,
    /// One in every NAT subnet, each for the private subnets of its zone.
    PerZone,
}

impl Network {
    /// The zones that have a NAT subnet.
    pub(crate) fn nat_zones(&self) -> BTreeSet<&str> {
        self.nat_subnets.iter().map(|subnet| subnet.zone.as_str()).collect()
    }

    /// All subnets in the order of their keys: private, load balancer, NAT.
    fn subnets(&self) -> impl Iterator<Item = &Subnet> {
        self.private_subnets.iter().chain(&self.alb_subnets).chain(&self.nat_subnets)
    }
}

/// Without a region, because that is itself in doubt, zones are not held against it.
pub(super) fn read(table: &Value<'_>, region: Option<&str>) -> Network {
    let subnets = |key, prefixes: RangeInclusive<u8>| -> Vec<Subnet> {
        let items = table.at(key).items();
        items.iter().map(|item| subnet(item, region, prefixes.clone())).collect()
    };
    let network = Network {
        vpc_cidr: table.at("vpc_cidr").text(|text| cidr::parse_sized(text, 16..=28)),
        dns_support: table.at("dns_support").flag(),
        dns_hostnames: table.at("dns_hostnames").flag(),
        nat_gateways: table
            .at("nat_gateways")
            .choice(&[("single", NatGateways::Single), ("per_zone", NatGateways::PerZone)]),
        private_subnets: subnets("private_subnets", 16..=28),
        alb_subnets: subnets("alb_subnets", 16..=27),
        nat_subnets: subnets("nat_subnets", 16..=28),
    };
    check_blocks(table, &network);
    check_two_zones(&table.at("private_subnets"), &network.private_subnets);
    check_two_zones(&table.at("alb_subnets"), &network.alb_subnets);
    check_distinct_zones(&table.at("alb_subnets"), &network.alb_subnets, "a load balancer takes one");
    check_nat_subnets(table, &network);
    network
}

fn subnet(item: &Value<'_>, region: Option<&str>, prefixes: RangeInclusive<u8>) -> Subnet {
    Subnet {
        cidr: item.at("cidr").text(|text| cidr::parse_sized(text, prefixes)),
        zone: item.at("zone").text(|text| zone(text, region)),
    }
}

/// A zone is its region and a letter.
fn zone(text: &str, region: Option<&str>) -> Result<String, Refusal> {
    let Some(region) = region else { return Ok(text.to_owned()) };
    let is_letter = |rest: &str| rest.len() == 1 && rest.chars().all(|c| c.is_ascii_lowercase());
    if text.strip_prefix(region).is_some_and(is_letter) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not an availability zone of {region}"),
        format!("a zone is the region and a letter, like \"{region}a\""),
    ))
}

/// Every subnet within the VPC, and none within another.
fn check_blocks(table: &Value<'_>, network: &Network) {
    let lists = ["private_subnets", "alb_subnets", "nat_subnets"];
    let keys = lists.iter().flat_map(|key| table.at(key).items()).map(|item| item.at("cidr"));
    let (keys, blocks): (Vec<Value<'_>>, Vec<Ipv4Net>) =
        keys.zip(network.subnets().map(|subnet| subnet.cidr)).filter(|(key, _)| key.is_sound()).unzip();
    let vpc = table.at("vpc_cidr");
    for (key, block) in keys.iter().zip(&blocks) {
        if vpc.is_sound() && !network.vpc_cidr.contains(block) {
            key.refuse(Refusal::new(
                format!("`{block}` lies outside the VPC, which is `{}`", network.vpc_cidr),
                "choose a block within `network.vpc_cidr`, or widen that",
            ));
        }
    }
    for (first, second) in cidr::overlapping_pairs(&blocks) {
        keys[second].refuse(Refusal::new(
            format!("`{}` overlaps `{}` of `{}`", blocks[second], blocks[first], keys[first].path()),
            "give each subnet addresses of its own",
        ));
    }
}

/// The database, the cache and the load balancer want two zones.
fn check_two_zones(list: &Value<'_>, subnets: &[Subnet]) {
    let zones: BTreeSet<&str> = subnets.iter().map(|subnet| subnet.zone.as_str()).collect();
    let sound = list.items().iter().all(|item| item.at("zone").is_sound());
    if zones.len() < 2 && sound && list.optional().is_some() {
        list.refuse(Refusal::new(
            format!("{} in {} are too few", counted(subnets.len(), "subnet"), counted(zones.len(), "zone")),
            "list at least two subnets in at least two zones",
        ));
    }
}

fn check_distinct_zones(list: &Value<'_>, subnets: &[Subnet], reason: &str) {
    let mut seen = BTreeSet::new();
    for (item, subnet) in list.items().iter().zip(subnets) {
        let zone = item.at("zone");
        if zone.is_sound() && !seen.insert(subnet.zone.as_str()) {
            zone.refuse(Refusal::new(
                format!("there is another subnet of this list in {}", subnet.zone),
                format!("use a subnet in each zone: {reason}"),
            ));
        }
    }
}

fn check_nat_subnets(table: &Value<'_>, network: &Network) {
    let list = table.at("nat_subnets");
    if list.is_sound() && network.nat_subnets.is_empty() {
        list.refuse(Refusal::new("no subnet for the NAT gateway", "list at least one subnet"));
    }
    if !table.at("nat_gateways").is_sound() || network.nat_gateways == NatGateways::Single {
        return;
    }
    check_distinct_zones(&list, &network.nat_subnets, "a second NAT gateway there would serve nothing");
    for (item, subnet) in table.at("private_subnets").items().iter().zip(&network.private_subnets) {
        let zone = item.at("zone");
        if list.is_sound() && zone.is_sound() && !network.nat_zones().contains(subnet.zone.as_str()) {
            zone.refuse(Refusal::new(
                format!("{} has no NAT subnet, and there is to be one NAT gateway per zone", subnet.zone),
                "add a subnet of this zone to `network.nat_subnets`, or set `network.nat_gateways = \"single\"`",
            ));
        }
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

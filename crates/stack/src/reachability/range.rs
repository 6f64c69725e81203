//! Ranges of addresses: which part two have in common, and which lie on the internet.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{Ipv4Addr, Ipv6Addr};

/// What nobody can come from over the internet.
const PRIVATE: [IpNet; 7] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10)),
];

/// The whole internet.
pub(super) const ANYWHERE: IpNet = IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0));

/// The addresses that two ranges share. Ranges are powers of two, so one of them lies within the other, or none are.
pub(super) fn common(one: IpNet, other: IpNet) -> Option<IpNet> {
    match (one.contains(&other), other.contains(&one)) {
        (true, _) => Some(other),
        (_, true) => Some(one),
        _ => None,
    }
}

/// Whether a range lies within one of others.
pub(crate) fn is_within(range: IpNet, others: &[IpNet]) -> bool {
    others.iter().any(|other| other.contains(&range))
}

/// Whether some of a range's addresses are on the internet.
pub(super) fn is_public(range: IpNet) -> bool {
    !is_within(range, &PRIVATE)
}

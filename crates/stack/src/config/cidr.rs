//! IPv4 blocks: how they are written, and which of them collide.

use std::ops::RangeInclusive;

use ipnet::Ipv4Net;

use super::problem::Refusal;
use super::value::{Value, refuse_repeated};

/// Parses a block and insists on its canonical form: a block with host bits set is usually a typing mistake.
pub(super) fn parse(text: &str) -> Result<Ipv4Net, Refusal> {
    let block: Ipv4Net = text.parse().map_err(|_| {
        Refusal::new(
            format!("{text:?} is not an IPv4 CIDR block"),
            "write an address and a prefix length, like \"10.0.1.0/24\"",
        )
    })?;
    if block.addr() != block.network() {
        let message = format!("`{block}` is not the first address of its block");
        return Err(Refusal::new(message, format!("the block is \"{}\"", block.trunc())));
    }
    Ok(block)
}

/// Parses a block of a size in a range of prefix lengths.
pub(super) fn parse_sized(text: &str, prefixes: RangeInclusive<u8>) -> Result<Ipv4Net, Refusal> {
    let block = parse(text)?;
    if prefixes.contains(&block.prefix_len()) {
        return Ok(block);
    }
    Err(Refusal::new(
        format!("a /{} block is of a size that cannot be used here", block.prefix_len()),
        format!("use a block from /{} to /{}", prefixes.start(), prefixes.end()),
    ))
}

/// A list of blocks of such sizes, none of them twice.
pub(super) fn list(list: &Value<'_>, prefixes: RangeInclusive<u8>) -> Vec<Ipv4Net> {
    let items = list.items();
    let blocks = items.iter().map(|item| item.text(|text| parse_sized(text, prefixes.clone())));
    let blocks: Vec<Ipv4Net> = blocks.collect();
    refuse_repeated(&items.into_iter().zip(&blocks).collect::<Vec<_>>(), "block");
    blocks
}

/// Whether two blocks share an address. Blocks are powers of two, so they do only if one contains the other.
pub(super) fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

/// Every pair of colliding blocks, as indices with the lower one first.
pub(super) fn overlapping_pairs(blocks: &[Ipv4Net]) -> Vec<(usize, usize)> {
    let later = |first: usize| first + 1..blocks.len();
    let pairs = (0..blocks.len()).flat_map(|first| later(first).map(move |second| (first, second)));
    pairs.filter(|&(first, second)| overlap(blocks[first], blocks[second])).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::Ipv4Addr;

    use ipnet::Ipv4Net;
    use proptest::prelude::{Strategy, prop};
    use proptest::{prop_assert_eq, proptest};

    use super::overlapping_pairs;

    /// Blocks of 1 to 64 addresses within 256, so that collisions are common.
    fn small_block() -> impl Strategy<Value = Ipv4Net> {
        (0u8..=255, 26u8..=32).prop_map(|(host, prefix)| {
            Ipv4Net::new(Ipv4Addr::new(10, 0, 0, host), prefix).expect("a prefix below 33").trunc()
        })
    }

    proptest! {
        #[test]
        fn overlapping_pairs_are_those_with_a_common_address(
            blocks in prop::collection::vec(small_block(), 0..7),
        ) {
            let addresses = |block: &Ipv4Net| -> BTreeSet<u32> {
                (0..1 << (32 - block.prefix_len())).map(|offset| u32::from(block.network()) + offset).collect()
            };
            let mut expected = Vec::new();
            for first in 0..blocks.len() {
                for second in first + 1..blocks.len() {
                    if !addresses(&blocks[first]).is_disjoint(&addresses(&blocks[second])) {
                        expected.push((first, second));
                    }
                }
            }
            prop_assert_eq!(overlapping_pairs(&blocks), expected);
        }
    }
}

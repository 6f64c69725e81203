//! The cache's node type: whether ElastiCache has it in the region.
//!
//! It can be asked for reservations only, and not everything that can be had can be reserved. So of what it does not sell
//! only that is in the way which is the name of no node type at all.

use sidekick_aws::preflight::is_reservable;

use super::{Finding, Preflight, Verdict};

/// The sizes that are words. The others are so many times `xlarge`.
const SIZES: &[&str] = &["nano", "micro", "small", "medium", "large", "xlarge", "metal"];

pub(super) async fn check(preflight: &Preflight<'_>) -> Vec<Finding> {
    if !preflight.sets("elasticache.replication_group", &["node_type"]) {
        return Vec::new();
    }
    let (node_type, region) = (&preflight.config.cache.node_type, &preflight.config.region);
    let verdict = match is_reservable(preflight.aws, node_type).await {
        Ok(true) => Verdict::good(format!("ElastiCache has it in {region}")),
        Ok(false) if !is_of_the_form(node_type) => Verdict::problem(
            format!("ElastiCache does not know it in {region}, and no node type is called like that"),
            "correct `cache.node_type`; it is the family and the size, like \"cache.t4g.micro\" or \"cache.r7g.2xlarge\"",
        ),
        Ok(false) => Verdict::unknown(format!(
            "ElastiCache sells no reservations of it in {region}, by which alone it tells of its node types"
        )),
        Err(fault) => Verdict::unseen(&fault),
    };
    vec![Finding::new(format!("node type {node_type} of the cache"), verdict)]
}

/// Whether this can be the name of a node type, now or in some years: a family, which has the number of its generation, and
/// a size.
fn is_of_the_form(node_type: &str) -> bool {
    let parts: Vec<_> = node_type.split('.').collect();
    let ["cache", family, size, ..] = parts[..] else { return false };
    let is_family = family.starts_with(|c: char| c.is_ascii_alphabetic())
        && family.contains(|c: char| c.is_ascii_digit());
    let (word, _) = size.split_once('-').unwrap_or((size, ""));
    let multiple = word.strip_suffix("xlarge").is_some_and(|times| times.parse::<u16>().is_ok());
    is_family && (multiple || SIZES.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::is_of_the_form;

    #[test]
    fn a_node_type_is_a_family_and_a_size() {
        for right in [
            "cache.t4g.micro",
            "cache.m1.small",
            "cache.r6gd.16xlarge",
            "cache.c7gn.xlarge",
            "cache.x9idn-flex.metal-24xl",
        ] {
            assert!(is_of_the_form(right), "{right}");
        }
        for wrong in
            ["cache.t4g.mirco", "cache.t4g.2xlagre", "cache.tg.micro", "cache.4.micro", "cache.r7g.x2large"]
        {
            assert!(!is_of_the_form(wrong), "{wrong}");
        }
    }
}

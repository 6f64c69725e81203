//! Everything that looks random is a function of a seed and a counter, so that every run repeats.

/// Mixes a seed and a counter into 64 bits. For one seed no two counters give the same result.
pub(crate) fn mix(seed: u64, counter: u64) -> u64 {
    // SplitMix64: the additive step and the finaliser are bijections, so distinct counters stay distinct.
    let mut bits =
        counter.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(seed.wrapping_mul(0xd134_2543_de82_ef95));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// A number from 0 (included) to 1 (excluded) out of a seed and a counter.
pub(crate) fn fraction(seed: u64, counter: u64) -> f64 {
    (mix(seed, counter) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Two random numbers as a UUID.
pub(crate) fn uuid(high: u64, low: u64) -> String {
    let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0xfff);
    // Version 4, and the variant whose first two bits are 10.
    format!("{a:08x}-{b:04x}-4{c:03x}-{:04x}-{:012x}", low >> 50 | 0x8000, low & 0xffff_ffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::{fraction, mix};

    #[test]
    fn fractions_spread_over_the_whole_unit_interval() {
        let drawn: Vec<f64> = (0..1000).map(|n| fraction(7, n)).collect();
        let mean = drawn.iter().sum::<f64>() / 1000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
        assert!(drawn.iter().any(|x| *x < 0.02) && drawn.iter().any(|x| *x > 0.98));
    }

    #[test]
    fn neighbouring_seeds_share_nothing() {
        assert!((0..1000).all(|n| mix(1, n) != mix(2, n)));
    }
}

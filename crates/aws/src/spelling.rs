//! Where AWS answers with another spelling of what was asked, and the two mean the same.
//!
//! Used when reading, so that comparing stays plain equality: the answer is reported in the words of the wish.

/// A name that the service stores in lower case.
pub(crate) fn folded(desired: &str, actual: &str) -> String {
    if desired.eq_ignore_ascii_case(actual) { desired.to_owned() } else { actual.to_owned() }
}

/// An engine's version, of which AWS knows more parts than were asked for and raises the minor ones by itself.
///
/// `17` is met by `17.4`, and `17.4` by `17.5`: a newer minor version of the same major one is never a difference,
/// because it cannot be taken back.
pub(crate) fn version(desired: &str, actual: &str) -> String {
    let (wanted, given) = (numbers(desired), numbers(actual));
    let met = match (wanted, given) {
        (Some(wanted), Some(given)) => wanted.first() == given.first() && given >= wanted,
        _ => actual == desired,
    };
    if met { desired.to_owned() } else { actual.to_owned() }
}

/// Whether a newer version runs than was asked for, which is no difference and yet not what somebody wrote down.
pub(crate) fn is_beyond(desired: &str, actual: &str) -> bool {
    let (wanted, given) = (numbers(desired), numbers(actual));
    let newer = |(wanted, given): (Vec<u32>, Vec<u32>)| given > wanted && !given.starts_with(&wanted);
    version(desired, actual) == desired && wanted.zip(given).is_some_and(newer)
}

fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_is_the_same_name() {
        assert_eq!(folded("Sidekick-DB", "sidekick-db"), "Sidekick-DB");
        assert_eq!(folded("sidekick-db", "other-db"), "other-db");
    }

    #[test]
    fn a_version_is_met_by_its_own_minor_versions_and_newer_ones() {
        for (desired, actual) in [("17", "17.4"), ("17.4", "17.4"), ("17.4", "17.10"), ("7.1", "7.1.0")] {
            assert_eq!(version(desired, actual), desired, "{desired} {actual}");
        }
    }

    #[test]
    fn a_newer_version_than_was_asked_for_is_told_from_one_that_meets_it() {
        for (desired, actual) in [("17.4", "17.6"), ("7.0", "7.1.0")] {
            assert!(is_beyond(desired, actual), "{desired} {actual}");
        }
        for (desired, actual) in [("17", "17.6"), ("7.1", "7.1.0"), ("17.6", "17.4"), ("16.4", "17.6")] {
            assert!(!is_beyond(desired, actual), "{desired} {actual}");
        }
    }

    #[test]
    fn an_older_version_or_another_major_one_is_a_difference() {
        for (desired, actual) in
            [("17.4", "17.3"), ("17", "16.9"), ("7.1", "7.0.7"), ("17", "18.1"), ("7.x", "7.1")]
        {
            assert_eq!(version(desired, actual), actual, "{desired} {actual}");
        }
    }
}

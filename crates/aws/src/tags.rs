//! Ownership and user tags: what we send in create calls, and how an answer's tags are told apart.

use std::collections::BTreeMap;

use sidekick_engine::{Address, Intent, Mark, Owner};

/// Tags that the configuration asks for; never the ownership tags.
pub type Tags = BTreeMap<String, String>;

/// The tag that names the stack a resource belongs to.
pub const STACK: &str = "sidekick:stack";
/// The tag that names the resource's address in that stack.
pub const ADDRESS: &str = "sidekick:address";

/// The tags of a create call: the configured ones and the ownership tags.
pub(crate) fn marked(tags: &Tags, intent: &Intent) -> Tags {
    marked_as(tags, intent.mark())
}

/// The same for a mark that nobody intends to write yet.
pub(crate) fn marked_as(tags: &Tags, mark: &Mark) -> Tags {
    let Mark { stack, address } = mark;
    let mut all = tags.clone();
    all.insert(STACK.to_owned(), stack.clone());
    all.insert(ADDRESS.to_owned(), address.to_string());
    all
}

/// Splits an answer's tags into the configured ones and the owner that the ownership tags name.
///
/// Tags that AWS itself adds (`aws:…`) are nobody's wish and are left out.
pub(crate) fn split<I, K, V>(tags: I) -> (Tags, Owner)
where
    I: IntoIterator<Item = (K, V)>,
    K: Into<String>,
    V: Into<String>,
{
    let mut tags: Tags = tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
    let owner = match (tags.remove(STACK), tags.remove(ADDRESS)) {
        (Some(stack), Some(address)) => Owner::Marked(Mark { stack, address: Address::new(address) }),
        _ => Owner::Unmarked,
    };
    tags.retain(|key, _| !key.starts_with("aws:") && !key.starts_with("sidekick:"));
    (tags, owner)
}

/// The tags to write and the keys to remove, to get from `actual` to `desired`.
pub(crate) fn changes(desired: &Tags, actual: &Tags) -> (Tags, Vec<String>) {
    let write = desired.iter().filter(|(key, value)| actual.get(*key) != Some(*value));
    let remove = actual.keys().filter(|key| !desired.contains_key(*key));
    (write.map(|(key, value)| (key.clone(), value.clone())).collect(), remove.cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn ownership_tags_and_those_of_aws_are_no_difference() {
        let answer = [("Env", "dev"), (STACK, "sidekick/dev"), (ADDRESS, "network.vpc"), ("aws:ecs:x", "y")];
        let (own, owner) = split(answer);
        assert_eq!(own, tags(&[("Env", "dev")]));
        assert_eq!(
            owner,
            Owner::Marked(Mark { stack: "sidekick/dev".into(), address: "network.vpc".into() })
        );
    }

    #[test]
    fn half_a_mark_is_nobodys() {
        assert_eq!(split([(STACK, "sidekick/dev")]).1, Owner::Unmarked);
    }

    #[test]
    fn changes_write_what_differs_and_remove_what_is_not_wanted() {
        let (write, remove) =
            changes(&tags(&[("a", "1"), ("b", "2")]), &tags(&[("a", "1"), ("b", "0"), ("c", "3")]));
        assert_eq!(write, tags(&[("b", "2")]));
        assert_eq!(remove, ["c"]);
    }
}

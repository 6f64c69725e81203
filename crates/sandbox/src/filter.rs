//! Filters of describe calls: all must match, each by any of its values, with the wildcards `*` and `?`.

use crate::call::Refusal;
use crate::params::Params;
use crate::tags::Tags;

/// The filters of one describe call.
pub(crate) struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    /// Reads `Filter.N.Name` / `Filter.N.Value.M` (or the service's own spellings of the three names).
    pub(crate) fn read(params: &Params, list: &str, name: &str, values: &str) -> Result<Self, Refusal> {
        let read = |filter: Params| Ok((filter.text(name)?.to_owned(), filter.texts(values)?));
        params.objects(list)?.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a thing passes. `values_of` gives the thing's values under a filter name, or nothing if there is
    /// no such filter, which is refused.
    pub(crate) fn pass(
        &self,
        tags: &Tags,
        values_of: impl Fn(&str) -> Option<Vec<String>>,
    ) -> Result<bool, Refusal> {
        let mut passes = true;
        for (name, wanted) in &self.0 {
            let values = match (name.strip_prefix("tag:"), name.as_str()) {
                (Some(key), _) => tags.get(key).cloned().into_iter().collect(),
                (None, "tag-key") => tags.keys().cloned().collect(),
                (None, name) => values_of(name).ok_or_else(|| unknown(name))?,
            };
            // All names are looked at, so that an unknown one is refused whatever the others say.
            passes &= wanted.iter().any(|pattern| values.iter().any(|value| matches(pattern, value)));
        }
        Ok(passes)
    }
}

fn unknown(name: &str) -> Refusal {
    Refusal::illegal("InvalidParameterValue", format!("The filter '{name}' is invalid"))
}

/// Whether `text` matches a pattern in which `*` stands for any text, `?` for one character and `\` escapes.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| matches(rest.as_str(), &text[at..]))
        }
        Some(first) => {
            let wanted = if first == '\\' { rest.next().unwrap_or('\\') } else { first };
            let mut others = text.chars();
            let same = |found: char| found == wanted || first == '?';
            others.next().is_some_and(same) && matches(rest.as_str(), others.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards_match_as_in_aws() {
        for (pattern, text, expected) in [
            ("side*-vpc", "sidekick-vpc", true),
            ("side?ick", "sidekick", true),
            ("side?ick", "sideick", false),
            ("*", "", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("10.0.?.0/24", "10.0.12.0/24", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }
}

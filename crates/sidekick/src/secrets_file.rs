//! The file of `--secrets-file`: lines `NAME=value`, as many tools write them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sidekick_aws::{Secret, Supplied};

use crate::error::Error;

/// Reads a dotenv file. Its values never get into an error: a line that cannot be read is told by the file alone.
pub(crate) fn secrets_file(path: &Path, known: &BTreeSet<&str>) -> Result<Supplied, Error> {
    let unreadable = || {
        Error::unmet(
            format!("the secrets file {} cannot be read", path.display()),
            "it must exist and hold lines NAME=value; quote values with spaces or `#`",
        )
    };
    let text = fs::read_to_string(path).map_err(|_| unreadable())?;
    let altered = altered(&text);
    if !altered.is_empty() {
        return Err(Error::unmet(
            format!("the secrets file {} has a `$` in the value of {}", path.display(), altered.join(", ")),
            "put the value in single quotes; without them, `$NAME` stands for a variable",
        ));
    }
    let mut supplied = Supplied::new();
    let mut unknown = Vec::new();
    for line in dotenvy::from_read_iter(text.as_bytes()) {
        let (name, value) = line.map_err(|_| unreadable())?;
        if !known.contains(name.as_str()) {
            unknown.push(name);
        } else if !value.is_empty() {
            supplied.insert(name, Secret::new(value));
        }
    }
    if unknown.is_empty() {
        return Ok(supplied);
    }
    let names: Vec<_> = known.iter().copied().collect();
    Err(Error::unmet(
        format!(
            "the secrets file {} names what is no secret of this configuration: {}",
            path.display(),
            unknown.join(", ")
        ),
        format!(
            "the configuration injects {}; optional ones are listed in `app.optional_secrets`",
            names.join(", ")
        ),
    ))
}

/// The names whose values the format would alter: a `$` outside of single quotes stands for a variable, and a secret
/// must arrive as it was written.
fn altered(text: &str) -> Vec<&str> {
    let assignments = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let assignments = assignments.filter_map(|line| line.split_once('='));
    let open = |value: &str| value.contains('$') && !value.trim_start().starts_with('\'');
    assignments.filter(|(_, value)| open(value)).map(|(name, _)| name.trim()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Supplied, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets");
        fs::write(&path, text).unwrap();
        secrets_file(&path, &BTreeSet::from(["KEY", "OTHER"])).map_err(|error| error.report())
    }

    #[test]
    fn a_value_arrives_as_it_was_written() {
        let supplied = read("# a comment with $\nKEY='a$b c#d'\nOTHER=plain\n").unwrap_or_default();
        assert_eq!(supplied.get("KEY").map(Secret::expose), Some("a$b c#d"));
        assert_eq!(supplied.get("OTHER").map(Secret::expose), Some("plain"));
    }

    #[test]
    fn a_value_that_the_format_would_alter_is_refused_without_being_shown() {
        for line in ["KEY=abc$def", "KEY=\"abc$def\"", " KEY = $def"] {
            let told = read(line).err().unwrap_or_default();
            assert!(told.contains("`$` in the value of KEY") && !told.contains("def"), "{told}");
        }
    }

    #[test]
    fn an_empty_value_supplies_nothing_and_an_unknown_name_is_refused() {
        assert!(read("KEY=\n").is_ok_and(|supplied| supplied.is_empty()));
        assert!(read("KYE=x\n").err().is_some_and(|told| told.contains("KYE") && told.contains("OTHER")));
    }
}

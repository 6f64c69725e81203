//! The file of `--secrets-file`: lines `NAME=value`, as many tools write them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sidekick_aws::{Secret, Supplied};

use crate::error::Error;

/// Reads a dotenv file. Its values never get into an error: a line that cannot be read is told by the file alone, and
/// a name that is not known only if it cannot be a part of a value.
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
            format!("the secrets file {} has a `$` in {}", path.display(), altered.join(", ")),
            "put the value in single quotes, on one line; without them, `$NAME` stands for a variable",
        ));
    }
    let mut supplied = Supplied::new();
    let mut unknown = Vec::new();
    for line in dotenvy::from_read_iter(text.as_bytes()) {
        let (name, value) = line.map_err(|_| unreadable())?;
        if !known.contains(name.as_str()) {
            unknown.push(told(&text, &name, &value));
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

/// Where something is assigned, and to which name if that is plainly one.
///
/// What stands before a `=` is a part of the secret in a line of a key that lost its quotes, or in base64 with its
/// padding, so such a line is told by its number alone.
fn told(text: &str, name: &str, value: &str) -> String {
    let assigns = |line: &str| line.split_once('=').is_some_and(|(before, _)| bare(before) == name);
    let number = text.lines().position(assigns).map_or(0, |index| index + 1);
    let is_written_like_one = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if is_written_like_one && value.chars().any(|c| c != '=') {
        format!("{name} (line {number})")
    } else {
        format!("line {number}")
    }
}

/// A name as it is written, without the `export` that shells put before it.
fn bare(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix("export ").map_or(name, str::trim)
}

/// The lines whose values the format would alter: a `$` outside of single quotes stands for a variable, and a secret
/// must arrive as it was written. A line without a name, or with a `$` in it, goes on with the value before it.
fn altered(text: &str) -> Vec<String> {
    let mut altered = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#')) {
        let (name, value) = line.split_once('=').unwrap_or(("", line));
        let open = value.contains('$') && !value.trim_start().starts_with('\'');
        if open || name.contains('$') {
            let place = told(text, bare(name), value);
            altered.push(if name.is_empty() { format!("line {}", index + 1) } else { place });
        }
    }
    altered
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
            assert!(told.contains("`$` in KEY (line 1)") && !told.contains("def"), "{told}");
        }
    }

    #[test]
    fn an_empty_value_supplies_nothing_and_an_unknown_name_is_refused() {
        assert!(read("KEY=\n").is_ok_and(|supplied| supplied.is_empty()));
        assert!(read("KYE=x\n").err().is_some_and(|told| told.contains("KYE") && told.contains("OTHER")));
    }

    #[test]
    fn no_part_of_a_value_is_taken_for_a_name_and_told() {
        for (text, place) in [
            ("KEY=x\nQUJDREVGR0g=\n", "line 2"),
            ("KEY=x\nJBSWY3DPEHPK3PXP======\n", "line 2"),
            ("KEY=x\nJBSWY3DPEHPK3PXP=\n", "line 2"),
            ("hunter2=hunter2", "line 1"),
            ("KEY=\"a\nhunter2=$x\"", "line 2"),
            ("KEY=\"a\nhunter2$x\"", "line 2"),
            ("KEY=\"a\n$hunter2=x\"", "line 2"),
        ] {
            let told = read(text).err().unwrap_or_default();
            assert!(told.contains(place), "{told}");
            assert!(!["QUJD", "JBSW", "hunter2"].iter().any(|part| told.contains(part)), "{told}");
        }
    }
}

//! Finds the keys that nothing has asked for.

use super::problem::Refusal;
use super::reading::{Reading, join};
use super::spelling;
use super::tree::{Content, Node};
use super::variable;

/// Reports every key of the tree that is unknown; what an unknown table contains is not looked at.
pub(super) fn report(reading: &Reading, root: &Node) {
    visit(reading, "", root);
}

fn visit(reading: &Reading, path: &str, node: &Node) {
    match &node.content {
        Content::Table(entries) => {
            for (key, value) in entries {
                let child = join(path, key);
                if reading.asked().contains_key(&child) {
                    visit(reading, &child, value);
                } else if is_read(reading, path) {
                    refuse(reading, path, key, value);
                }
            }
        }
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(reading, &format!("{path}[{index}]"), item);
            }
        }
        Content::Text(_) | Content::Number(_) | Content::Flag(_) | Content::Foreign(_) => {}
    }
}

/// Whether this table was read at all; if not, the reason has been reported, and its keys need no report.
fn is_read(reading: &Reading, table: &str) -> bool {
    reading.asked().keys().any(|path| child_of(table, path).is_some())
}

fn refuse(reading: &Reading, table: &str, key: &str, value: &Node) {
    let refusal = {
        let asked = reading.asked();
        let known: Vec<&str> = asked.keys().filter_map(|path| child_of(table, path)).collect();
        let hint = if variable::looks_secret(key) {
            "secrets never live in configuration files; see `app.optional_secrets`".to_owned()
        } else {
            spelling::hint(key, known.iter().copied())
        };
        Refusal::new(format!("unknown key `{key}`"), hint)
    };
    reading.refuse(&join(table, key), refusal, value.key.as_ref().unwrap_or(&value.place));
}

/// The key of a path that stands directly in a table.
fn child_of<'a>(table: &str, path: &'a str) -> Option<&'a str> {
    let key = match table {
        "" => path,
        _ => path.strip_prefix(table)?.strip_prefix('.')?,
    };
    (!key.contains(['.', '['])).then_some(key)
}

//! The values of a configuration, as they are written in TOML, and where each came from.

use serde_json::{Value, json};
use sidekick_stack::config::Setting;

use super::columns::columns;
use crate::printer::Printer;

/// Lists the settings.
pub(crate) fn settings(printer: &Printer, settings: &[Setting]) {
    if printer.is_json() {
        settings.iter().for_each(|setting| printer.json(&json!(setting)));
        return;
    }
    let lines = settings.iter().map(|Setting { path, value, origin, line }| match (origin, line) {
        (Some(origin), Some(line)) => [format!("{origin}:{line}"), format!("{path} = {}", toml(value))],
        _ => ["unset".to_owned(), path.clone()],
    });
    printer.text(&columns(lines));
}

/// A value on one line.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries: Vec<_> =
                entries.iter().map(|(key, value)| format!("{key} = {}", toml(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        // A string is quoted in the same way.
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn values_are_shown_as_they_are_written() {
        let value = json!([{ "cidr": "10.0.1.0/24", "zone": "a" }, 80, true, [], "a \"b\""]);
        let shown = r#"[{ cidr = "10.0.1.0/24", zone = "a" }, 80, true, [], "a \"b\""]"#;
        assert_eq!(super::toml(&value), shown);
    }
}

//! A run as one page for a browser: everything is in it, and nothing is loaded from anywhere.

mod critical;
mod data;

use serde_json::Value;
use uuid::Uuid;

use crate::recording::Recorded;

pub(crate) use critical::critical_path;

const PAGE: &str = include_str!("assets/page.html");
const STYLE: &str = include_str!("assets/page.css");
/// The parts of the page, each a file, in the order in which they build on each other.
const SCRIPT: &str = concat!(
    include_str!("assets/elements.js"),
    include_str!("assets/timeline.js"),
    include_str!("assets/graph.js"),
    include_str!("assets/tables.js"),
    include_str!("assets/details.js"),
    include_str!("assets/page.js"),
);

/// The page of a run.
///
/// The page forbids itself everything but its own style and script, which a nonce tells from what anybody may have
/// written into a name or a message at AWS.
pub(crate) fn page(run: &Recorded) -> String {
    filled(&island(&data::data(run)), &Uuid::new_v4().simple().to_string())
}

/// Data as it can stand in a script: text cannot end it.
fn island(data: &Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

/// The template with its places filled. What is filled in is not looked at again.
fn filled(data: &str, nonce: &str) -> String {
    let mut parts = PAGE.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (place, rest) = part.split_once("}}").unwrap_or(("", part));
        page.push_str(match place {
            "nonce" => nonce,
            "style" => STYLE,
            "script" => SCRIPT,
            "data" => data,
            _ => "",
        });
        page.push_str(rest);
    }
    page
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_text_ends_the_island_or_fills_a_place() {
        let evil = "</script><img src=x onerror=alert(1)> {{nonce}} <!--";
        let data = island(&json!({ "words": evil }));
        assert!(!data.contains('<'), "{data}");
        let page = filled(&data, "only-once");
        assert!(page.contains("{{nonce}} \\u003c!--"), "what was filled in stays as it is");
        assert_eq!(page.matches("</script>").count(), PAGE.matches("</script>").count());
        let read: Value = serde_json::from_str(&data).unwrap();
        assert_eq!(read["words"], evil);
    }

    #[test]
    fn every_place_of_the_template_is_known() {
        let places: Vec<&str> = PAGE
            .split("{{")
            .skip(1)
            .filter_map(|part| part.split_once("}}"))
            .map(|(place, _)| place)
            .collect();
        assert_eq!(places, ["nonce", "nonce", "nonce", "style", "data", "nonce", "script"]);
        assert!(!SCRIPT.contains("</script") && !STYLE.contains("</style"));
    }

    #[test]
    fn the_script_makes_no_markup_of_text() {
        for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"]
        {
            assert!(!SCRIPT.contains(way), "the script says {way}");
        }
    }
}

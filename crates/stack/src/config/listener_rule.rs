//! Rules of a load balancer's listener: what happens to requests of certain paths or hosts.

use std::collections::BTreeSet;

use super::problem::Refusal;
use super::value::{Value, refuse_repeated};

/// The most patterns of a rule.
const PATTERNS: usize = 5;

/// The types that the body of a fixed response can have.
const CONTENT_TYPES: &[&str] =
    &["text/plain", "text/css", "text/html", "application/javascript", "application/json"];

/// What happens to requests of certain paths or hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerRule {
    /// Its place among the rules; of those that fit a request, the lowest counts.
    pub priority: u16,
    /// Patterns of the path, of which one must fit; empty for any path.
    pub path_patterns: BTreeSet<String>,
    /// Patterns of the host, of which one must fit; empty for any host.
    pub host_headers: BTreeSet<String>,
    /// What happens to them.
    pub action: RuleAction,
}

/// What happens to the requests that a rule is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RuleAction {
    /// The service gets them.
    #[default]
    Forward,
    /// The load balancer answers them itself.
    FixedResponse {
        /// The status code of the answer.
        status: u16,
        /// The type of its body.
        content_type: String,
        /// Its body.
        body: String,
    },
    /// The client is sent to another host or path, or both.
    Redirect {
        /// The host there, unless it stays.
        host: Option<String>,
        /// The path there, unless it stays.
        path: Option<String>,
        /// Whether for good.
        permanent: bool,
    },
}

#[derive(Debug, Clone, Copy, Default)]
enum Kind {
    #[default]
    Forward,
    FixedResponse,
    Redirect,
}

pub(super) fn read(list: &Value<'_>) -> Vec<ListenerRule> {
    let items = list.items();
    let rules: Vec<ListenerRule> = items.iter().map(rule).collect();
    let priorities = items.iter().zip(&rules).map(|(item, rule)| (item.at("priority"), rule.priority));
    refuse_repeated(&priorities.collect::<Vec<_>>(), "priority");
    rules
}

fn rule(item: &Value<'_>) -> ListenerRule {
    let rule = ListenerRule {
        priority: item.at("priority").number(1..=50_000),
        path_patterns: patterns(&item.at("path_patterns"), path_pattern),
        host_headers: patterns(&item.at("host_headers"), host_header),
        action: action(&item.at("action")),
    };
    let refuse = |message: String, hint: &str| item.refuse(Refusal::new(message, hint));
    match rule.path_patterns.len() + rule.host_headers.len() {
        _ if !item.is_sound() => {}
        0 => refuse("the rule has no condition".to_owned(), "give `path_patterns`, `host_headers`, or both"),
        count if count > PATTERNS => {
            refuse(format!("the rule has {count} patterns"), "AWS takes five at most; make two rules of it");
        }
        _ => {}
    }
    rule
}

fn patterns(list: &Value<'_>, check: fn(&str) -> Result<String, Refusal>) -> BTreeSet<String> {
    let items = list.optional().map(Value::items).unwrap_or_default();
    let patterns: Vec<String> = items.iter().map(|item| item.text(check)).collect();
    refuse_repeated(&items.into_iter().zip(&patterns).collect::<Vec<_>>(), "pattern");
    patterns.into_iter().collect()
}

fn path_pattern(text: &str) -> Result<String, Refusal> {
    let permits = |c: char| c.is_ascii_alphanumeric() || "_-.$/~\"'@:+&*?".contains(c);
    if text.starts_with(['/', '*']) && text.len() <= 128 && text.chars().all(permits) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not a pattern of paths"),
        "write up to 128 letters, digits and _-.$/~\"'@:+&, beginning with a slash; * and ? stand for others",
    ))
}

/// AWS compares hosts without regard to case, so they have one spelling here.
fn host_header(text: &str) -> Result<String, Refusal> {
    let permits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.*?".contains(c);
    let last = text.rsplit_once('.').map(|(_, last)| last).unwrap_or_default();
    let is_domain = !last.is_empty() && last.chars().all(|c| c.is_ascii_alphabetic());
    if is_domain && text.len() <= 128 && text.chars().all(permits) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not a pattern of hosts"),
        "write a domain name in lower case, like \"*.example.com\"; * and ? stand for other characters",
    ))
}

fn host_name(text: &str) -> Result<String, Refusal> {
    if !text.contains(['*', '?']) {
        return host_header(text);
    }
    Err(Refusal::new(
        format!("{text:?} is not a host"),
        "a redirect leads to one host; write its name in full",
    ))
}

fn path(text: &str) -> Result<String, Refusal> {
    let permits = |c: char| c.is_ascii_graphic() && !matches!(c, '*' | '?');
    if text.starts_with('/') && text.len() <= 128 && text.chars().all(permits) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not a path that a redirect can lead to"),
        "write up to 128 visible characters that begin with a slash; #{path} stands for the path of the request",
    ))
}

fn action(table: &Value<'_>) -> RuleAction {
    let kind = table.at("type");
    let chosen = kind.choice(&[
        ("forward", Kind::Forward),
        ("fixed_response", Kind::FixedResponse),
        ("redirect", Kind::Redirect),
    ]);
    if !kind.is_sound() {
        // Which other keys there may be depends on the type, so none is called unknown.
        table.entries();
        return RuleAction::Forward;
    }
    match chosen {
        Kind::Forward => RuleAction::Forward,
        Kind::FixedResponse => fixed_response(table),
        Kind::Redirect => redirect(table),
    }
}

fn fixed_response(table: &Value<'_>) -> RuleAction {
    let (status, content_type, body) = (table.at("status"), table.at("content_type"), table.at("body"));
    let code: u16 = status.number(200..=599);
    if status.is_sound() && (300..400).contains(&code) {
        status.refuse(Refusal::new(
            format!("a fixed response cannot have the status {code}"),
            "use a status of 2xx, 4xx or 5xx, or the action \"redirect\"",
        ));
    }
    let content_types: Vec<_> = CONTENT_TYPES.iter().map(|name| (*name, *name)).collect();
    let content_type = content_type.optional().map_or(CONTENT_TYPES[0], |value| value.choice(&content_types));
    RuleAction::FixedResponse {
        status: code,
        content_type: content_type.to_owned(),
        body: body.optional().map(|value| value.text(response_body)).unwrap_or_default(),
    }
}

fn response_body(text: &str) -> Result<String, Refusal> {
    if text.len() <= 1024 {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(format!("a body of {} bytes", text.len()), "a fixed response has at most 1024"))
}

fn redirect(table: &Value<'_>) -> RuleAction {
    let part = |key: &str, check: fn(&str) -> Result<String, Refusal>| {
        let value = table.at(key);
        value.optional().map(|value| value.text(check))
    };
    let (host, path) = (part("host", host_name), part("path", path));
    let status: u16 = table.at("status").number_of(&[301, 302]);
    if host.is_none() && path.is_none() {
        let message = "a redirect to the same host and path would never end";
        table.refuse(Refusal::new(message, "give `host`, `path`, or both"));
    }
    RuleAction::Redirect { host, path, permanent: status == 301 }
}

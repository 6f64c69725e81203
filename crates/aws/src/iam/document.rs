//! IAM's policy documents: how they come back, and when two of them mean the same.
//!
//! Only what IAM itself may rewrite or treats alike counts as the same; the rest is compared as it stands.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use sidekick_engine::Result;

use crate::fault::missing;

/// Reads a document of an answer, which is percent-encoded JSON. If it means the same as `desired`, it is `desired`.
pub(super) fn read(encoded: &str, desired: Option<&Value>, operation: &str) -> Result<Value> {
    let text = percent_decode_str(encoded).decode_utf8().ok();
    let document: Option<Value> = text.and_then(|text| serde_json::from_str(&text).ok());
    let document = document.ok_or_else(|| missing(operation, "policy document in JSON"))?;
    Ok(desired.filter(|desired| canonical(desired) == canonical(&document)).cloned().unwrap_or(document))
}

/// The one form that all documents of the same meaning share: every value is a sorted list of texts or objects.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(element).collect();
            items.sort_by_cached_key(Value::to_string);
            items.dedup();
            Value::Array(items)
        }
        single => Value::Array(vec![element(single)]),
    }
}

fn element(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(fields.iter().map(field).collect::<Map<_, _>>()),
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        other => other.clone(),
    }
}

fn field((name, value): (&String, &Value)) -> (String, Value) {
    let value = match (name.as_str(), value.as_str()) {
        ("Principal" | "NotPrincipal", Some("*")) => canonical(&json!({ "AWS": "*" })),
        ("AWS", _) => accounts(canonical(value)),
        _ => canonical(value),
    };
    (name.clone(), value)
}

/// An account and its root user are the same principal.
fn accounts(principals: Value) -> Value {
    let Value::Array(principals) = principals else { return principals };
    let account = |principal: Value| match principal.as_str().and_then(root_of) {
        Some(account) => Value::String(account.to_owned()),
        None => principal,
    };
    canonical(&Value::Array(principals.into_iter().map(account).collect()))
}

/// The account in `arn:aws:iam::123456789012:root`.
fn root_of(principal: &str) -> Option<&str> {
    let (_, account) = principal.strip_suffix(":root")?.split_once(":iam::")?;
    principal.starts_with("arn:").then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(left: Value, right: Value) -> bool {
        canonical(&left) == canonical(&right)
    }

    #[test]
    fn what_iam_treats_alike_is_the_same() {
        let desired = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": ["123456789012", "arn:aws:iam::210987654321:role/x"] },
            "Action": ["logs:PutLogEvents", "logs:CreateLogStream"],
            "Condition": { "Bool": { "aws:SecureTransport": true } },
        }]});
        let given = json!({ "Version": "2012-10-17", "Statement": {
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Condition": { "Bool": { "aws:SecureTransport": ["true"] } },
            "Effect": "Allow",
            "Principal": { "AWS": ["arn:aws:iam::210987654321:role/x", "arn:aws:iam::123456789012:root"] },
        }});
        assert!(same(desired, given));
        assert!(same(json!({ "Principal": "*" }), json!({ "Principal": { "AWS": ["*"] } })));
        assert!(same(json!({ "Action": "a" }), json!({ "Action": ["a"] })));
    }

    #[test]
    fn what_changes_the_meaning_is_a_difference() {
        let role = |principal: &str| json!({ "Principal": { "AWS": principal } });
        assert!(!same(role("arn:aws:iam::123456789012:role/x"), role("AROAEXAMPLE")));
        assert!(!same(role("*"), json!({ "Principal": { "Service": "*" } })));
        assert!(!same(json!({ "Action": ["a", "b"] }), json!({ "Action": ["a"] })));
        assert!(!same(json!({ "Effect": "Allow" }), json!({ "Effect": "Deny" })));
        assert!(!same(json!({ "Resource": "*" }), json!({ "NotResource": "*" })));
    }

    #[test]
    fn an_answer_is_decoded_and_told_in_the_words_of_the_wish() {
        let desired = json!({ "Action": "s3:Get+%", "Resource": "*" });
        let encoded = "%7B%22Resource%22%3A%5B%22%2A%22%5D%2C%22Action%22%3A%22s3%3AGet+%25%22%7D";
        assert_eq!(read(encoded, Some(&desired), "x").unwrap(), desired);
        let other = read(encoded, Some(&json!({})), "x").unwrap();
        assert_eq!(other, json!({ "Resource": ["*"], "Action": "s3:Get+%" }));
        assert!(read("%7B", None, "x").is_err());
    }
}

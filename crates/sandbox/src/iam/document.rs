//! Policy documents: their grammar, as far as a mistake in it is likely, and their form in answers.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::call::Refusal;
use crate::world::World;

/// RFC 3986 leaves these as they are.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A document as IAM's answers carry it.
pub(super) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// Checks a policy that says what its role may do.
pub(super) fn check_permissions(document: &str) -> Result<(), Refusal> {
    for statement in statements(document)? {
        if statement.get("Principal").is_some() {
            return Err(malformed("Policy document should not specify a principal."));
        }
        require(&statement, &["Resource", "NotResource"], "Policy statement must contain resources.")?;
    }
    Ok(())
}

/// Checks a policy that says who may take on its role.
pub(super) fn check_trust(world: &World, document: &str) -> Result<(), Refusal> {
    for statement in statements(document)? {
        if statement.get("Resource").is_some() {
            return Err(malformed("Has prohibited field Resource"));
        }
        require(&statement, &["Principal", "NotPrincipal"], "Missing required field Principal")?;
        for principal in texts(&statement["Principal"]["AWS"]) {
            check_principal(world, &principal)?;
        }
    }
    Ok(())
}

/// A role of this account that is named must be there.
fn check_principal(world: &World, principal: &str) -> Result<(), Refusal> {
    let roles = format!("arn:aws:iam::{}:role/", world.account);
    let Some(path) = principal.strip_prefix(&roles) else { return Ok(()) };
    let name = path.rsplit('/').next().unwrap_or(path);
    if world.iam.roles.contains_key(name) {
        return Ok(());
    }
    Err(malformed(&format!("Invalid principal in policy: \"AWS\":\"{principal}\"")))
}

fn statements(document: &str) -> Result<Vec<Value>, Refusal> {
    let syntax = || malformed("Syntax errors in policy.");
    let policy: Value =
        serde_json::from_str(document).map_err(|_| malformed("This policy contains invalid Json"))?;
    if !matches!(policy["Version"].as_str(), Some("2012-10-17" | "2008-10-17") | None) {
        return Err(syntax());
    }
    let statements = match &policy["Statement"] {
        Value::Array(statements) => statements.clone(),
        statement @ Value::Object(_) => vec![statement.clone()],
        _ => return Err(syntax()),
    };
    for statement in &statements {
        if !statement.is_object() || !matches!(statement["Effect"].as_str(), Some("Allow" | "Deny")) {
            return Err(syntax());
        }
        require(statement, &["Action", "NotAction"], "Policy statement must contain actions.")?;
        let actions = texts(&statement["Action"]);
        if actions.iter().any(|action| action != "*" && !action.contains(':')) {
            return Err(malformed(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ));
        }
    }
    if statements.is_empty() { Err(syntax()) } else { Ok(statements) }
}

fn require(statement: &Value, either: &[&str], words: &str) -> Result<(), Refusal> {
    if either.iter().any(|name| statement.get(name).is_some()) { Ok(()) } else { Err(malformed(words)) }
}

/// A text or a list of texts.
pub(super) fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn malformed(words: &str) -> Refusal {
    Refusal::illegal("MalformedPolicyDocument", words)
}

//! Answers of the query protocols: JSON values as XML.

use std::borrow::Cow;

use serde_json::Value;

use super::text_of;
use crate::call::{Answer, Refusal};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// An answer in EC2's form.
pub(crate) fn ec2(namespace: &str, operation: &str, answer: &Answer, request_id: &str) -> String {
    let mut xml = DECLARATION.to_owned();
    match answer {
        Ok(result) => {
            let root = format!("{operation}Response");
            xml.push_str(&format!("<{root} xmlns=\"{namespace}\"><requestId>{request_id}</requestId>"));
            fields(&mut xml, result, &|_| "item");
            xml.push_str(&format!("</{root}>"));
        }
        Err(Refusal { code, message, .. }) => {
            let message = escape(message);
            xml.push_str(&format!(
                "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            ));
            xml.push_str(&format!("</Errors><RequestID>{request_id}</RequestID></Response>"));
        }
    }
    xml
}

/// An answer in the form of the other query services.
pub(crate) fn query(
    namespace: &str,
    item: fn(&str) -> &'static str,
    operation: &str,
    answer: &Answer,
    request_id: &str,
) -> String {
    let mut xml = DECLARATION.to_owned();
    match answer {
        Ok(result) => {
            xml.push_str(&format!("<{operation}Response xmlns=\"{namespace}\"><{operation}Result>"));
            fields(&mut xml, result, &item);
            xml.push_str(&format!(
                "</{operation}Result><ResponseMetadata><RequestId>{request_id}</RequestId>"
            ));
            xml.push_str(&format!("</ResponseMetadata></{operation}Response>"));
        }
        Err(Refusal { code, message, status, .. }) => {
            let (message, kind) = (escape(message), if *status < 500 { "Sender" } else { "Receiver" });
            xml.push_str(&format!(
                "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{kind}</Type><Code>{code}</Code>"
            ));
            xml.push_str(&format!("<Message>{message}</Message></Error><RequestId>{request_id}</RequestId>"));
            xml.push_str("</ErrorResponse>");
        }
    }
    xml
}

fn fields(xml: &mut String, value: &Value, item: &dyn Fn(&str) -> &'static str) {
    for (name, value) in value.as_object().into_iter().flatten() {
        element(xml, name, value, item);
    }
}

fn element(xml: &mut String, name: &str, value: &Value, item: &dyn Fn(&str) -> &'static str) {
    if value.is_null() {
        return;
    }
    tag(xml, "<", name);
    match value {
        Value::Array(items) => items.iter().for_each(|value| element(xml, item(name), value, item)),
        Value::Object(_) => fields(xml, value, item),
        scalar => xml.push_str(&escape(&text_of(scalar))),
    }
    tag(xml, "</", name);
}

fn tag(xml: &mut String, opening: &str, name: &str) {
    xml.extend([opening, name, ">"]);
}

/// The text with what XML takes for its own written otherwise; most texts have nothing of it.
fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"))
}

//! JSON 1.1: the operation stands in a header, errors name themselves in `__type`.

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value, json};

use crate::call::Answer;

/// The operation and the parameters of a request.
pub(crate) fn read(request: &Request<Bytes>) -> Result<(String, Map<String, Value>), String> {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
    let (_, operation) =
        target.and_then(|target| target.rsplit_once('.')).ok_or("The request has no x-amz-target.")?;
    let body = request.body();
    let params = if body.is_empty() { Ok(Map::new()) } else { serde_json::from_slice(body) };
    // The parser's own words would repeat what was sent, which may be a secret.
    let place = |error: serde_json::Error| format!("line {}, column {}", error.line(), error.column());
    let params = params.map_err(|error| format!("The request is not a JSON object: {}", place(error)))?;
    Ok((operation.to_owned(), params))
}

/// The body of an answer.
pub(crate) fn write(answer: &Answer) -> String {
    match answer {
        Ok(Value::Null) => "{}".to_owned(),
        Ok(result) => result.to_string(),
        Err(refusal) => json!({ "__type": refusal.code, "message": refusal.message }).to_string(),
    }
}

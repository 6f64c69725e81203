//! The searcher finds what it is to find. What it looks for is written down here by other hands than its own.

use std::fs;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use tempfile::tempdir;

use super::Searcher;

const VALUE: &str = "hünter \"2\"/+?\\ 'x'";

fn searcher() -> Searcher {
    let mut searcher = Searcher::default();
    searcher.add("the other one", "correct horse battery staple");
    searcher.add("the password", VALUE);
    searcher
}

/// The forms in which the searcher sees the password in a file with this content.
fn seen(content: &[u8]) -> Vec<&'static str> {
    let folder = tempdir().unwrap();
    fs::create_dir_all(folder.path().join("deep/down")).unwrap();
    fs::write(folder.path().join("deep/down/file"), content).unwrap();
    let found = searcher().search_files(folder.path()).unwrap();
    assert!(found.iter().all(|it| it.trace.secret == "the password" && it.path.ends_with("deep/down/file")));
    found.iter().map(|finding| finding.trace.form).collect()
}

#[test]
fn every_form_is_found_in_a_file() {
    let (debug, twice) = (format!("{VALUE:?}"), json!(json!(VALUE).to_string()).to_string());
    // The SDK's events show a request like this: a document within a document, as bytes.
    let bytes = twice.as_bytes().escape_ascii().to_string();
    let numbers = serde_json::to_vec_pretty(VALUE.as_bytes()).unwrap();
    let percent = utf8_percent_encode(VALUE, NON_ALPHANUMERIC).to_string();
    for (form, content) in [
        ("as is", VALUE.as_bytes()),
        ("escaped", json!({ "password": VALUE }).to_string().as_bytes()),
        ("escaped", debug.as_bytes()),
        ("escaped", twice.as_bytes()),
        ("escaped", bytes.as_bytes()),
        ("escaped for XML", "hünter &quot;2&quot;/+?\\ &#39;x&#39;".as_bytes()),
        ("escaped", br#"h\u00fcnter \"2\"/+?\\ 'x'"#),
        ("escaped", "hünter \\\"2\\\"\\/+?\\\\ 'x'".as_bytes()),
        ("percent-encoded", percent.as_bytes()),
        ("percent-encoded", b"h%c3%bcnter%20%222%22%2f%2b%3f%5c%20%27x%27"),
        ("percent-encoded", b"h%C3%BCnter+%222%22%2F%2B%3F%5C+%27x%27"),
        ("percent-encoded", b"h%C3%BCnter%20%222%22%2F%2B%3F%5C%20'x'"),
        ("hex", b"68c3bc6e74657220 2232222f2b3f5c20277827"),
        ("hex", b"68C3BC6E746572202232222F2B3F5C20277827"),
        ("numbers of bytes", &numbers),
        ("numbers of bytes", format!("{:?}", VALUE.as_bytes()).as_bytes()),
    ] {
        let content = [b"before\xff", content, b"\0after"].concat();
        assert!(seen(&content).contains(&form), "{form}: {}", String::from_utf8_lossy(&content));
    }
}

#[test]
fn base64_is_found_wherever_it_begins_in_both_alphabets_and_folded() {
    // Made by coreutils' `base64`, of nothing, `a` and `ab` before the value, and `z` after it.
    for content in [
        "aMO8bnRlciAiMiIvKz9cICd4J3o=",
        "YWjDvG50ZXIgIjIiLys/XCAneCd6",
        "YWJow7xudGVyICIyIi8rP1wgJ3gneg==",
        "YWjDvG50ZXIgIjIiLys_XCAneCd6",
        "YWjDvG50ZXIg\n  IjIiLys/XCAn\n  eCd6",
    ] {
        assert_eq!(seen(content.as_bytes()), ["base64"], "{content}");
    }
}

#[test]
fn a_part_or_another_text_is_not_taken_for_it() {
    assert!(seen("hünter \"2\"/+?\\ 'y' hünter \"2\"".as_bytes()).is_empty());
    assert!(seen(b"").is_empty());
}

#[test]
fn a_name_of_a_file_or_folder_counts() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("correct horse battery staple")).unwrap();
    let found = searcher().search_files(folder.path()).unwrap();
    let told: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert!(matches!(&told[..], [one] if one.starts_with("the other one (as is) is in ")), "{told:?}");
}

//! References to container images.

use super::problem::Refusal;

/// Checks `[registry/]repository:tag`, `…@sha256:digest`, or both. A reference without either would silently
/// mean `latest`.
pub(super) fn check(text: &str) -> Result<String, Refusal> {
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
    };
    if let Some(digest) = digest
        && !is_digest(digest)
    {
        return Err(refusal(text, "its digest is not \"sha256:\" and 64 hexadecimal digits"));
    }
    // A colon before the last slash belongs to the registry's port.
    let path_start = name.rfind('/').map_or(0, |slash| slash + 1);
    let (repository, tag) = match name[path_start..].split_once(':') {
        Some((last, tag)) => (&name[..path_start + last.len()], Some(tag)),
        None => (name, None),
    };
    if !is_repository(repository) {
        return Err(refusal(text, "its repository is not a lower-case path"));
    }
    match tag {
        Some(tag) if !is_tag(tag) => Err(refusal(text, "its tag is not valid")),
        None if digest.is_none() => Err(refusal(text, "it has neither a tag nor a digest")),
        Some(_) | None => Ok(text.to_owned()),
    }
}

fn refusal(text: &str, fault: &str) -> Refusal {
    Refusal::new(
        format!("{text:?} is not an image reference: {fault}"),
        "write it like \"ghcr.io/0xsequence/sidekick:1.0.19\", or with \"@sha256:…\" for an image that cannot change",
    )
}

/// A repository, with the registry's host and port before it if the first part looks like one.
fn is_repository(text: &str) -> bool {
    let mut parts = text.split('/').peekable();
    let is_host = |part: &str| part.contains(['.', ':']) || part == "localhost";
    if text.contains('/')
        && let Some(host) = parts.next_if(|part| is_host(part))
        && !is_registry(host)
    {
        return false;
    }
    text.len() <= 255 && parts.peek().is_some() && parts.all(is_path_component)
}

fn is_registry(host: &str) -> bool {
    let (host, port) = host.split_once(':').unwrap_or((host, "443"));
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    host.split('.').all(is_label) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_path_component(part: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    part.starts_with(is_letter)
        && part.ends_with(is_letter)
        && part.chars().all(|c| is_letter(c) || matches!(c, '.' | '_' | '-'))
}

fn is_tag(tag: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.starts_with(is_word) && tag.len() <= 128 && tag.chars().all(|c| is_word(c) || matches!(c, '.' | '-'))
}

fn is_digest(digest: &str) -> bool {
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    digest.strip_prefix("sha256:").is_some_and(|hash| hash.len() == 64 && hash.chars().all(is_hex))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_reference_has_a_repository_and_a_tag_or_digest() {
        let digest = "a".repeat(64);
        for valid in [
            "sidekick:1".to_owned(),
            "ghcr.io/0xsequence/sidekick:v1.0.19-beta".to_owned(),
            "localhost:5000/sidekick:latest".to_owned(),
            format!("123456789012.dkr.ecr.us-west-2.amazonaws.com/sidekick/deployment@sha256:{digest}"),
            format!("ghcr.io/0xsequence/sidekick:v1@sha256:{digest}"),
        ] {
            assert!(check(&valid).is_ok(), "{valid} is valid");
        }
        for invalid in [
            "",
            "sidekick",
            "ghcr.io/0xsequence/sidekick",
            "localhost:5000/sidekick",
            "ghcr.io/0xSequence/sidekick:1",
            "ghcr.io//sidekick:1",
            "ghcr.io/sidekick:",
            "ghcr.io/sidekick:-1",
            "ghcr.io/sidekick:a:b",
            "ghcr.io:x/sidekick:1",
            "ghcr.io/sidekick@sha256:abc",
            "side kick:1",
        ] {
            assert!(check(invalid).is_err(), "{invalid} is invalid");
        }
    }
}

//! How the application signs transactions.

use super::amazon_resource_name;
use super::problem::Refusal;
use super::value::Value;

/// How the application signs transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// With a private key that is injected as a secret.
    Local,
    /// With a key in AWS KMS.
    AwsKms {
        /// The key's id or ARN.
        key_id: String,
    },
    /// With a key in Google Cloud KMS.
    GoogleKms {
        /// The Google Cloud project.
        project: String,
        /// The location of the key ring.
        location: String,
        /// The key ring.
        key_ring: String,
        /// The key.
        key: String,
        /// The version of the key.
        key_version: String,
    },
}

#[derive(Debug, Clone, Copy, Default)]
enum Kind {
    #[default]
    Local,
    AwsKms,
    GoogleKms,
}

impl Signer {
    /// The variables by which the application learns of its signer.
    pub(super) fn environment(&self, region: &str) -> Vec<(&'static str, String)> {
        match self {
            Self::Local => vec![("SIGNER_TYPE", "local".to_owned())],
            Self::AwsKms { key_id } => vec![
                ("SIGNER_TYPE", "aws_kms".to_owned()),
                ("AWS_REGION", region.to_owned()),
                ("AWS_KMS_KEY_ID", key_id.clone()),
            ],
            Self::GoogleKms { project, location, key_ring, key, key_version } => vec![
                ("SIGNER_TYPE", "google_kms".to_owned()),
                ("PROJECT", project.clone()),
                ("LOCATION", location.clone()),
                ("KEY_RING", key_ring.clone()),
                ("CRYPTO_KEY", key.clone()),
                ("CRYPTO_KEY_VERSION", key_version.clone()),
            ],
        }
    }
}

pub(super) fn read(table: &Value<'_>, region: Option<&str>) -> Signer {
    let kind = table.at("type");
    let chosen =
        kind.choice(&[("local", Kind::Local), ("aws_kms", Kind::AwsKms), ("google_kms", Kind::GoogleKms)]);
    if !kind.is_sound() {
        // Which other keys there may be depends on the type, so none is called unknown.
        table.entries();
        return Signer::Local;
    }
    match chosen {
        Kind::Local => Signer::Local,
        Kind::AwsKms => Signer::AwsKms { key_id: table.at("key_id").text(|text| kms_key(text, region)) },
        Kind::GoogleKms => {
            let part = |key| table.at(key).text(google_name);
            Signer::GoogleKms {
                project: part("project"),
                location: part("location"),
                key_ring: part("key_ring"),
                key: part("key"),
                key_version: part("key_version"),
            }
        }
    }
}

/// A key's id or ARN. Not an alias: the task role's policy can name keys only.
fn kms_key(text: &str, region: Option<&str>) -> Result<String, Refusal> {
    if text.starts_with("arn:") {
        return amazon_resource_name::kms_key(text, region);
    }
    let is_id_character = |c: char| c.is_ascii_hexdigit() || c == '-';
    let id = text.strip_prefix("mrk-").unwrap_or(text);
    if matches!(id.len(), 32 | 36) && id.chars().all(is_id_character) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not the id of a KMS key"),
        "use the key's id or its ARN; an alias cannot be named in the task role's policy",
    ))
}

fn google_name(text: &str) -> Result<String, Refusal> {
    let permits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    if (1..=63).contains(&text.len()) && text.chars().all(permits) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not a name in Google Cloud KMS"),
        "use 1 to 63 letters, digits, hyphens and underscores",
    ))
}

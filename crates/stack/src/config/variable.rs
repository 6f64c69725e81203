//! The variables of the application's container: which are secret, and which `sidekick` sets itself.

/// The access key of the project at Sequence, without which the application exits.
pub(super) const PROJECT_ACCESS_KEY: &str = "SEQUENCE_PROJECT_ACCESS_KEY";
/// The wallet's private key under the name that the application reads.
pub(super) const WALLET_KEY: &str = "BACKEND_WALLET_PV_KEY";
/// The same under the name that the application's documentation gives it.
pub(super) const WALLET_KEY_ALIAS: &str = "EVM_PRIVATE_KEY";

/// Secrets that the application can do without.
pub(super) const OPTIONAL_SECRETS: &[&str] =
    &["SIDEKICK_API_SECRET_KEY", "BUILDER_API_SECRET_KEY", "ETHERSCAN_API_KEY", "TENDERLY_ACCESS_KEY"];

/// Static credentials for signing with AWS KMS; needless when the task role may sign.
pub(super) const KMS_SECRETS: &[&str] = &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

/// Variables whose value follows from other keys, with the way to set them.
pub(super) const DERIVED: &[(&str, &str)] = &[
    ("PORT", "set `service.port`"),
    ("REDIS_HOST", "it is the endpoint of the replication group"),
    ("REDIS_PORT", "set `cache.port`"),
    ("SIGNER_TYPE", "set `app.signer.type`"),
    ("AWS_REGION", "set `region`"),
    ("AWS_KMS_KEY_ID", "set `app.signer.key_id`"),
    ("PROJECT", "set `app.signer.project`"),
    ("LOCATION", "set `app.signer.location`"),
    ("KEY_RING", "set `app.signer.key_ring`"),
    ("CRYPTO_KEY", "set `app.signer.key`"),
    ("CRYPTO_KEY_VERSION", "set `app.signer.key_version`"),
];

/// Endings by which a variable is taken to be secret.
const SECRET_ENDINGS: &[&str] = &["_KEY", "_SECRET", "_PASSWORD", "_TOKEN", "_PASSPHRASE", "_CREDENTIALS"];

/// Names that are secret as they stand; `DATABASE_URL` contains the password.
const SECRET_NAMES: &[&str] = &["DATABASE_URL", "PASSWORD", "SECRET", "TOKEN", "AWS_ACCESS_KEY_ID"];

/// Whether a variable of this name is likely to hold a secret.
pub(super) fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET_NAMES.contains(&name.as_str()) || SECRET_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether the application knows this variable as a secret; it is then injected from Secrets Manager, and a
/// plain variable of the same name would hide it.
pub(super) fn is_injected(name: &str) -> bool {
    [PROJECT_ACCESS_KEY, WALLET_KEY, WALLET_KEY_ALIAS, "DATABASE_URL", "REDIS_PASSWORD"].contains(&name)
        || OPTIONAL_SECRETS.contains(&name)
        || KMS_SECRETS.contains(&name)
}

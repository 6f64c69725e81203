//! The secrets in Secrets Manager: their names, never their values.

use super::amazon_resource_name::kms_key;
use super::names::{Project, SECRET};
use super::problem::Refusal;
use super::value::{Value, refuse_repeated};

/// The secrets in Secrets Manager: their names, never their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Name of the secret with the cache's token.
    pub redis: String,
    /// Name of the secret with the database's password.
    pub postgres: String,
    /// Name of the secret with the application's keys.
    pub app: String,
    /// For how many days a deleted secret can be restored; 0 deletes it at once.
    pub recovery_window_days: u8,
    /// The ARN of the KMS key that seals the values; without it, AWS's own.
    pub kms_key_id: Option<String>,
}

pub(super) fn read(table: &Value<'_>, project: &Project<'_>, region: Option<&str>) -> Secrets {
    let secrets = Secrets {
        redis: table.at("redis").name(project, &SECRET),
        postgres: table.at("postgres").name(project, &SECRET),
        app: table.at("app").name(project, &SECRET),
        recovery_window_days: table.at("recovery_window_days").number(0..=30),
        kms_key_id: kms_key(&table.at("kms_key_id"), region),
    };
    let window = table.at("recovery_window_days");
    if window.is_sound() && (1..7).contains(&secrets.recovery_window_days) {
        window.refuse(Refusal::new(
            format!("{} days are too few for a recovery window", secrets.recovery_window_days),
            "use 7 to 30 days, or 0 to delete secrets at once",
        ));
    }
    let names = [
        (table.at("redis"), &secrets.redis),
        (table.at("postgres"), &secrets.postgres),
        (table.at("app"), &secrets.app),
    ];
    refuse_repeated(&names, "name");
    secrets
}

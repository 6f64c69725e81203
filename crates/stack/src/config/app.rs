//! What the application's container is told: plain variables, and which secrets are injected.

use std::collections::BTreeMap;

use super::problem::Refusal;
use super::signer::{self, Signer};
use super::spelling;
use super::value::{Value, refuse_repeated};
use super::variable;

/// What the application's container is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The plain variables that the configuration sets. [`Config::environment`](super::Config::environment)
    /// has those that follow from other values as well.
    pub environment: BTreeMap<String, String>,
    /// How the application signs transactions.
    pub signer: Signer,
    /// The secrets that the application can do without, but shall have here.
    pub optional_secrets: Vec<&'static str>,
}

/// A secret of the application that is injected into its container.
///
/// Every one of them must have a value before a task starts: ECS does not start a container when a key that
/// it shall inject is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppSecret {
    /// The variable that the application reads.
    pub variable: &'static str,
    /// Another name for it, under which the value may be given as well; the container gets both.
    pub alias: Option<&'static str>,
    /// Whether the application needs it with this signer, whatever `app.optional_secrets` lists.
    pub required: bool,
}

impl AppSecret {
    /// The names of the variable, the one that the application reads first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.variable).chain(self.alias)
    }
}

impl App {
    /// The secrets that are injected, the required ones first.
    pub(super) fn secrets(&self) -> Vec<AppSecret> {
        let project = AppSecret { variable: variable::PROJECT_ACCESS_KEY, alias: None, required: true };
        let wallet = AppSecret {
            variable: variable::WALLET_KEY,
            alias: Some(variable::WALLET_KEY_ALIAS),
            required: true,
        };
        let wallet = (self.signer == Signer::Local).then_some(wallet);
        let optional = self.optional_secrets.iter();
        let optional = optional.map(|variable| AppSecret { variable, alias: None, required: false });
        std::iter::once(project).chain(wallet).chain(optional).collect()
    }
}

pub(super) fn read(table: &Value<'_>, region: Option<&str>) -> App {
    let signer = signer::read(&table.at("signer"), region);
    let optional_secrets = table.at("optional_secrets");
    let app = App {
        environment: environment(&table.at("environment")),
        optional_secrets: read_optional_secrets(&optional_secrets, &signer),
        signer,
    };
    let kms_secrets = variable::KMS_SECRETS.iter().filter(|name| app.optional_secrets.contains(name));
    if optional_secrets.is_sound() && kms_secrets.count() == 1 {
        optional_secrets.refuse(Refusal::new(
            "an access key consists of two variables, and only one is listed",
            format!(
                "list both of {}, or better none: the task role may sign",
                variable::KMS_SECRETS.join(" and ")
            ),
        ));
    }
    app
}

fn read_optional_secrets(list: &Value<'_>, signer: &Signer) -> Vec<&'static str> {
    let kms_secrets = match signer {
        Signer::AwsKms { .. } => variable::KMS_SECRETS,
        Signer::Local | Signer::GoogleKms { .. } => &[],
    };
    let known: Vec<&'static str> = variable::OPTIONAL_SECRETS.iter().chain(kms_secrets).copied().collect();
    let items = list.items();
    let names: Vec<&'static str> =
        items.iter().map(|item| item.text(|text| optional_secret(text, &known))).collect();
    refuse_repeated(&items.into_iter().zip(names.iter().copied()).collect::<Vec<_>>(), "name");
    names
}

fn optional_secret(text: &str, known: &[&'static str]) -> Result<&'static str, Refusal> {
    if let Some(name) = known.iter().find(|name| **name == text) {
        return Ok(name);
    }
    if let Some((name, _)) = text.split_once('=') {
        // What follows is a secret already, and shall not stand in a build log as well.
        return Err(Refusal::new(
            format!("`{name}=…` is not the name of an optional secret"),
            "list the name alone; its value comes from the environment of `sidekick` or from `--secrets-file`",
        ));
    }
    let hint = if variable::KMS_SECRETS.contains(&text) {
        "the application reads it only with `app.signer.type = \"aws_kms\"`".to_owned()
    } else if variable::is_injected(text) {
        "leave it out: it is injected whenever the application needs it".to_owned()
    } else {
        spelling::hint(text, known.iter().copied())
    };
    Err(Refusal::new(format!("`{text}` is not an optional secret"), hint))
}

fn environment(table: &Value<'_>) -> BTreeMap<String, String> {
    let entries = table.entries();
    let checked = entries.into_iter().map(|(name, value)| {
        let content = value.scalar();
        if let Err(refusal) = check_variable(name, &content) {
            value.refuse_key(refusal);
        }
        (name.to_owned(), content)
    });
    checked.collect()
}

fn check_variable(name: &str, content: &str) -> Result<(), Refusal> {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    if !name.starts_with(is_first) || !name.chars().all(|c| is_first(c) || c.is_ascii_digit()) {
        return Err(Refusal::new(
            format!("{name:?} is not the name of a variable"),
            "use letters, digits and underscores, no digit first",
        ));
    }
    if let Some((_, remedy)) = variable::DERIVED.iter().find(|(derived, _)| *derived == name) {
        return Err(Refusal::new(
            format!("`{name}` follows from another value"),
            format!("remove it; {remedy}"),
        ));
    }
    if variable::is_injected(name) || (variable::looks_secret(name) && !content.is_empty()) {
        return Err(Refusal::new(
            format!("`{name}` is a secret, and secrets never live in configuration files"),
            "remove it here and give it in the environment of `sidekick` or with `--secrets-file`; \
             a value that was ever committed should be replaced",
        ));
    }
    Ok(())
}

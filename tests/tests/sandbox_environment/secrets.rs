//! Secret values: where they come from, and which one counts. That they stay nowhere is shown by the canaries.

use std::fs;

use serde_json::Value;

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    a_secret_may_come_from_the_environment_and_the_file_wins,
    a_stored_secret_stays_when_nothing_is_supplied,
    a_secrets_file_with_unknown_names_is_refused_without_its_values,
    a_secrets_file_that_cannot_be_read_is_refused_without_its_values,
];

const APP: &str = "sidekick/app/credentials";
const ACCESS_KEY: &str = "canary-access-1f6d1c7a";
const WALLET_KEY: &str = "0xcanary2b9e5f03";
const API_KEY: &str = "canary api # key 9c41";

fn a_secret_may_come_from_the_environment_and_the_file_wins() -> Shown {
    let desk = Desk::new()?;
    fs::write(desk.place.path("secrets.env"), "SEQUENCE_PROJECT_ACCESS_KEY=from-file\n")?;
    let up = desk.run("up --yes --secrets-file secrets.env");
    let up = up
        .with("SEQUENCE_PROJECT_ACCESS_KEY", "from-environment")
        .with("EVM_PRIVATE_KEY", WALLET_KEY)
        .ends_with(0)?;
    assert!(!up.text().contains("placeholder"), "{up}");
    let stored = value(&desk, APP)?;
    assert_eq!(stored["SEQUENCE_PROJECT_ACCESS_KEY"], "from-file");
    assert!(
        stored.as_object().is_some_and(|stored| stored.values().any(|value| value == WALLET_KEY)),
        "by its alias"
    );
    Ok(())
}

fn a_stored_secret_stays_when_nothing_is_supplied() -> Shown {
    let desk = Desk::new()?;
    let supplied = |run: sidekick_tests::binary::Run, key| {
        run.with("SEQUENCE_PROJECT_ACCESS_KEY", key).with("BACKEND_WALLET_PV_KEY", WALLET_KEY)
    };
    supplied(desk.run("up --yes"), ACCESS_KEY).ends_with(0)?;
    desk.brings("up")?.says(&["No changes"])?;
    assert_eq!(value(&desk, APP)?["SEQUENCE_PROJECT_ACCESS_KEY"], ACCESS_KEY);
    // Another value is a change, and its field is all that the plan tells of it.
    let changed = supplied(desk.run("up --yes"), "canary-second").ends_with(0)?;
    let changed = changed.says(&["compute.app-credentials", "SEQUENCE_PROJECT_ACCESS_KEY", "1 to update"])?;
    assert!(!changed.text().contains("canary"), "{changed}");
    assert_eq!(value(&desk, APP)?["SEQUENCE_PROJECT_ACCESS_KEY"], "canary-second");
    Ok(())
}

fn a_secrets_file_with_unknown_names_is_refused_without_its_values() -> Shown {
    let desk = Desk::new()?;
    fs::write(desk.place.path("secrets.env"), format!("SEQUENCE_KEY={ACCESS_KEY}\nOTHER={API_KEY:?}\n"))?;
    let refused = desk.run("up --yes --secrets-file secrets.env").ends_with(2)?;
    let refused = refused.says(&["SEQUENCE_KEY", "OTHER", "SEQUENCE_PROJECT_ACCESS_KEY"])?;
    assert!(!refused.text().contains("canary"), "{refused}");
    assert!(!desk.beside_state("json").exists());
    Ok(())
}

fn a_secrets_file_that_cannot_be_read_is_refused_without_its_values() -> Shown {
    let desk = Desk::new()?;
    fs::write(desk.place.path("secrets.env"), format!("SEQUENCE_PROJECT_ACCESS_KEY=\"{ACCESS_KEY}\n"))?;
    for file in ["secrets.env", "missing.env", "config"] {
        let refused =
            desk.run(&format!("up --yes --secrets-file {file}")).ends_with(2)?.says(&[file, "NAME=value"])?;
        assert!(!refused.text().contains("canary"), "{refused}");
    }
    Ok(())
}

/// The value of a secret, as the application would read it.
pub(crate) fn value(desk: &Desk, name: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let answer = desk.call("secretsmanager", "GetSecretValue", serde_json::json!({ "SecretId": name }))?;
    Ok(serde_json::from_str(answer["SecretString"].as_str().ok_or("the secret has a text")?)?)
}

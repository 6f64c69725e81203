//! The reference environment, row by row, as an audit finds it after `sidekick up` with `config/dev.toml`.
//!
//! Written by hand from the reference, not derived from the configuration: it is what the product is held to.

mod compute;
mod data;
mod edge;
mod network;
mod security;

use serde_json::{Value, json};

use crate::audit::Inventory;

/// The application's required secrets, as an operator hands them over.
pub const SECRETS: [(&str, &str); 2] = [
    ("SEQUENCE_PROJECT_ACCESS_KEY", "AQAAAAAAAJbd_5JOcE50AqglZCtvu51YlGI"),
    ("BACKEND_WALLET_PV_KEY", "0x5f1c9a33e0b84e1d9c7a2f6b8d40c3e7a915b26d8f0e4c7391ab5d62f8e07c14"),
];

/// The whole environment.
pub fn environment() -> Inventory {
    let mut inventory = Inventory::default();
    network::expect(&mut inventory);
    security::expect(&mut inventory);
    data::expect(&mut inventory);
    edge::expect(&mut inventory);
    compute::expect(&mut inventory);
    inventory
}

/// The tags of everything: those of the reference, and by which environment and address it is found again.
fn tags(name: &str, address: &str) -> Value {
    json!({
        "Name": name,
        "Env": "dev",
        "AWSRegion": "us-west-2",
        "Owner": "DevGameServices",
        "Role": "Sidekick",
        "sidekick:stack": "sidekick/dev",
        "sidekick:address": address,
    })
}

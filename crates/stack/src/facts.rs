//! What must be known of the account before the graph can be drawn, read in one round.

use std::collections::{BTreeMap, BTreeSet};

use sidekick_aws::ec2::{self, Peering, PeeringState};
use sidekick_aws::{Aws, PeeringConnectionId, secretsmanager};
use sidekick_engine::{Owner, Result};

use crate::config::{AppSecret, Config};
use crate::stack_name;

/// The state of things that sidekick uses but does not make.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Each peering connection that is configured by its id and exists, and whose it is.
    pub peerings: BTreeMap<String, (Peering, Owner)>,
    /// The keys that the application's secret holds already; their values are not read into this.
    pub stored_keys: BTreeSet<String>,
}

impl Facts {
    /// Reads them.
    pub async fn read(aws: &Aws, config: &Config) -> Result<Self> {
        let connections = config.peers.iter().filter_map(|peer| peer.existing());
        let connections: Vec<_> = connections.map(PeeringConnectionId::new).collect();
        let peerings = ec2::peerings(aws, &connections).await?;
        let peerings = peerings.into_iter().map(|(id, found)| (id.to_string(), found)).collect();
        let stored_keys = secretsmanager::stored_keys(aws, &config.secrets.app).await?.unwrap_or_default();
        Ok(Self { peerings, stored_keys })
    }

    /// Whether traffic can go through a connection.
    pub fn peering_is_active(&self, connection: &str) -> bool {
        self.peerings.get(connection).is_some_and(|(peering, _)| peering.state() == PeeringState::Active)
    }

    /// Under which key a secret of the application is stored: its own name, unless it was stored under its alias.
    pub(crate) fn key_of(&self, secret: &AppSecret) -> &'static str {
        let stored = secret.names().find(|name| self.stored_keys.contains(*name));
        stored.unwrap_or(secret.variable)
    }

    /// What is wrong with the account as far as this configuration goes; all of it, in words with a hint.
    pub fn problems(&self, config: &Config, supplied: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        for peer in &config.peers {
            let Some(id) = peer.existing() else { continue };
            match self.peerings.get(id) {
                None => problems.push((
                    format!(
                        "the peering connection {id} of peer `{}` does not exist in this account and region",
                        peer.name
                    ),
                    format!(
                        "correct its `connection_id` in config/{}.toml, or leave it out",
                        config.environment_name
                    ),
                )),
                // It would be deleted as what is no longer desired.
                Some((_, Owner::Marked(mark))) if mark.stack == stack_name(config) => problems.push((
                    format!("the peering connection {id} of peer `{}` is one that sidekick requested", peer.name),
                    format!(
                        "name the peer by its `vpc_id` in config/{}.toml and leave out `connection_id`, which is for \
                         connections that others made",
                        config.environment_name
                    ),
                )),
                Some(_) => {}
            }
        }
        for secret in config.app_secrets() {
            let given = |name| supplied(name) || self.stored_keys.contains(name);
            if !secret.names().any(given) {
                let names: Vec<_> = secret.names().collect();
                problems.push((
                    format!("the application's secret {} has no value", names.join(" or ")),
                    format!(
                        "set it in the environment of sidekick or in a file given by --secrets-file, or store it in {}",
                        config.secrets.app
                    ),
                ));
            }
        }
        problems
    }
}

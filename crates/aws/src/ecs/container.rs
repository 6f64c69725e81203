//! The one container of a task: what we ask of it, as ECS writes it and reads it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_ecs::types::{
    ContainerDefinition, KeyValuePair, LogConfiguration, LogDriver, PortMapping, Secret, TransportProtocol,
};
use serde::{Deserialize, Serialize};
use sidekick_engine::Result;

use crate::fault::{Answer, missing};

const REGISTER: &str = "ecs RegisterTaskDefinition";
const DATETIME_FORMAT: &str = "awslogs-datetime-format";
const MULTILINE_PATTERN: &str = "awslogs-multiline-pattern";

/// The container we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Container {
    /// Its name in the task.
    pub name: String,
    /// Its image, by tag or digest.
    pub image: String,
    /// The port it listens on.
    pub port: u16,
    /// Its plain variables.
    pub environment: BTreeMap<String, String>,
    /// Its secret variables: where ECS reads the value of each when a task starts.
    pub secrets: BTreeMap<String, String>,
    /// The log group its output goes to.
    pub log_group: String,
    /// The region of the log group.
    pub log_region: String,
    /// What the names of its log streams begin with.
    pub log_stream_prefix: String,
    /// The time with which the first line of an event begins, if events have several lines.
    #[serde(default)]
    pub log_datetime_format: Option<String>,
    /// The regular expression that the first line of an event matches, if events have several lines.
    #[serde(default)]
    pub log_multiline_pattern: Option<String>,
}

impl Container {
    /// The container as ECS wants it.
    pub(super) fn definition(&self) -> Result<ContainerDefinition> {
        let port =
            PortMapping::builder().container_port(i32::from(self.port)).host_port(i32::from(self.port));
        let environment = self
            .environment
            .iter()
            .map(|(name, value)| KeyValuePair::builder().name(name).value(value).build());
        let secrets =
            self.secrets.iter().map(|(name, from)| Secret::builder().name(name).value_from(from).build());
        let secrets = secrets.collect::<std::result::Result<_, _>>().or_fault(REGISTER)?;
        let logs =
            LogConfiguration::builder().log_driver(LogDriver::Awslogs).set_options(Some(self.log_options()));
        Ok(ContainerDefinition::builder()
            .name(&self.name)
            .image(&self.image)
            .essential(true)
            .port_mappings(port.protocol(TransportProtocol::Tcp).build())
            .set_environment(Some(environment.collect()))
            .set_secrets(Some(secrets))
            .log_configuration(logs.build().or_fault(REGISTER)?)
            .build())
    }

    fn log_options(&self) -> HashMap<String, String> {
        let options = [
            ("awslogs-group", Some(&self.log_group)),
            ("awslogs-region", Some(&self.log_region)),
            ("awslogs-stream-prefix", Some(&self.log_stream_prefix)),
            (DATETIME_FORMAT, self.log_datetime_format.as_ref()),
            (MULTILINE_PATTERN, self.log_multiline_pattern.as_ref()),
        ];
        options.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.clone()))).collect()
    }

    /// The container as ECS shows it; what ECS fills in by itself is left out.
    pub(super) fn read(found: &ContainerDefinition) -> Result<Self> {
        let field = |name| missing("ecs DescribeTaskDefinition", name);
        let options = found.log_configuration().and_then(LogConfiguration::options);
        let option = |name: &str| options.and_then(|options| options.get(name)).cloned();
        let environment = found.environment().iter().map(|pair| {
            (pair.name().unwrap_or_default().to_owned(), pair.value().unwrap_or_default().to_owned())
        });
        let secrets =
            found.secrets().iter().map(|secret| (secret.name().to_owned(), secret.value_from().to_owned()));
        let port = found.port_mappings().first().and_then(PortMapping::container_port);
        Ok(Self {
            name: found.name().ok_or_else(|| field("containerDefinitions.name"))?.to_owned(),
            image: found.image().ok_or_else(|| field("containerDefinitions.image"))?.to_owned(),
            port: port.and_then(|port| port.try_into().ok()).unwrap_or_default(),
            environment: environment.collect(),
            secrets: secrets.collect(),
            log_group: option("awslogs-group").unwrap_or_default(),
            log_region: option("awslogs-region").unwrap_or_default(),
            log_stream_prefix: option("awslogs-stream-prefix").unwrap_or_default(),
            log_datetime_format: option(DATETIME_FORMAT),
            log_multiline_pattern: option(MULTILINE_PATTERN),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_reads_back_as_it_was_written() {
        let pairs = |name: &str| BTreeMap::from([(name.to_owned(), "value".to_owned())]);
        let container = Container {
            name: "app".to_owned(),
            image: "registry/app:1".to_owned(),
            port: 7500,
            environment: pairs("HOST"),
            secrets: pairs("DATABASE_URL"),
            log_group: "/ecs/app".to_owned(),
            log_region: "us-west-2".to_owned(),
            log_stream_prefix: "ecs".to_owned(),
            log_datetime_format: None,
            log_multiline_pattern: Some("^INFO".to_owned()),
        };
        assert_eq!(Container::read(&container.definition().unwrap()).unwrap(), container);
    }
}

//! One file per command: open what it needs, do it, say it.

mod config;
mod doctor;
mod graph;
mod iam;
mod init;
mod manual;
mod outputs;
mod plan;
mod report;
mod run;
mod runs;
mod sandbox;
mod state;
mod state_history;
mod status;
mod validate;

pub(crate) use config::{config_schema, config_show};
pub(crate) use doctor::doctor;
pub(crate) use graph::{Drawing, graph};
pub(crate) use iam::iam_policy;
pub(crate) use init::init;
pub(crate) use manual::{completions, man};
pub(crate) use outputs::outputs;
pub(crate) use plan::plan;
pub(crate) use report::report;
pub(crate) use run::{Approval, down, up};
pub(crate) use runs::{runs_list, runs_replay, runs_show};
pub(crate) use sandbox::serve;
pub(crate) use state::{state_list, state_show};
pub(crate) use state_history::{state_history, state_restore};
pub(crate) use status::status;
pub(crate) use validate::validate;

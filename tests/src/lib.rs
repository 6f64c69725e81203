//! What the end-to-end suites share. The suites themselves are in `tests/`, one file each.

pub mod account;
pub mod audit;
pub mod benchmark;
pub mod binary;
pub mod browser;
pub mod canary;
pub mod cases;
pub mod cloud;
pub mod forgiven;
pub mod ground;
pub mod localstack;
pub mod moto;
pub mod process;
pub mod proxy;
pub mod python;
pub mod reference;
pub mod simulation;
pub mod site;
pub mod suite;
pub mod world;

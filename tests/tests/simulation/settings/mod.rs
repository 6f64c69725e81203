//! Every setting: made with it, switched to it on a running environment, and back, with exactly the calls it takes.

mod autoscaling;
mod cache;
mod cluster;
mod database;
mod edge;
mod keys;
mod network;
mod peering;
mod repository;
mod secrets;
mod service;
mod successions;
mod waf;

//! Every setting: made with it, switched to it on a running environment, and back, with exactly the calls it takes.

mod autoscaling;
mod cluster;
mod keys;
mod repository;
mod service;

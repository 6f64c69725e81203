//! Every setting: made with it, switched to it on a running environment, and back, with exactly the calls it takes.

mod cache;
mod cluster;
mod database;
mod edge;
mod peering;
mod successions;
mod waf;

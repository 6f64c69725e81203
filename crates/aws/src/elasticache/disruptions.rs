//! Which changes of a replication group take the cache out of service for a while.

/// By field.
pub(super) const DISRUPTS: &[(&str, &str)] = &[
    (
        "node_type",
        "exchanges its nodes: connections break for seconds, and without a replica it is away for minutes",
    ),
    (
        "engine_version",
        "is upgraded: connections break for seconds, and without a replica it is away for minutes",
    ),
    (
        "transit_encryption",
        "exchanges its nodes: connections break for seconds. Switched off, or on together with a token, it cuts off the \
         tasks of before until those of this run take their place, some minutes later",
    ),
];

//! Which changes of an instance take the database out of service for a while.

/// By field. What only slows it down for a while, as a standby that is added or another kind of volume, is not here.
pub(super) const DISRUPTS: &[(&str, &str)] = &[
    (
        "instance_class",
        "restarts on the new class: away for some minutes, or for a failover of about a minute with a standby",
    ),
    ("engine_version", "is upgraded: away for some minutes, for longer with another major version"),
    ("port", "restarts to listen on the other port"),
    ("automatic_backups", "may pause for seconds when backups begin or end, unless it has a standby"),
];

//! Database, cache, secrets and logs.

use super::{check, over_default};

#[test]
fn the_data_stores_are_checked() {
    check(&[
        (
            "[database]\nengine_version = \"seventeen\"",
            2,
            "database.engine_version",
            "not a PostgreSQL version",
        ),
        (
            "[database]\nparameter_group = \"default.postgres16\"",
            2,
            "database.parameter_group",
            "PostgreSQL 17",
        ),
        (
            "[database]\nparameter_group = \"1\"",
            2,
            "database.parameter_group",
            "not the name of a parameter group",
        ),
        ("[database]\ninstance_class = \"t4g.micro\"", 2, "database.instance_class", "like \"db.t4g.micro\""),
        ("[database]\nname = \"2nd\"", 2, "database.name", "a letter first"),
        ("[database]\nusername = \"admin\"", 2, "database.username", "reserved by PostgreSQL or RDS"),
        ("[database]\nusername = \"rdsAdmin\"", 2, "database.username", "reserved"),
        ("[database]\nusername = \"pg_me\"", 2, "database.username", "reserved"),
        ("[database]\nusername = \"seventeen_letters\"", 2, "database.username", "1 to 16 letters"),
        ("[database]\nport = 0", 2, "database.port", "from 1150 to 65535"),
        ("[database]\nport = -1", 2, "database.port", "from 1150 to 65535"),
        ("[database]\nport = 70000", 2, "database.port", "from 1150 to 65535"),
        ("[database]\nallocated_storage_gib = 10", 2, "database.allocated_storage_gib", "from 20 to 65536"),
        (
            "[database]\nmax_allocated_storage_gib = 21",
            2,
            "database.max_allocated_storage_gib",
            "use at least 22",
        ),
        ("[database]\nstorage_type = \"io1\"", 2, "database.storage_type", "use one of \"gp3\", \"gp2\""),
        ("[database]\nbackup_retention_days = 36", 2, "database.backup_retention_days", "from 0 to 35"),
        ("[cache]\nengine_version = \"7.2\"", 2, "cache.engine_version", "use one of 6.0, 6.2, 7.0, 7.1"),
        (
            "[cache]\nparameter_group = \"default.redis6.x\"",
            2,
            "cache.parameter_group",
            "does not belong to Redis 7.1",
        ),
        ("[cache]\nnode_type = \"db.t4g.micro\"", 2, "cache.node_type", "like \"cache.t4g.micro\""),
        ("[cache]\ndescription = \"\"", 2, "cache.description", "1 to 255 characters"),
        ("[cache]\nreplicas = 6", 2, "cache.replicas", "from 0 to 5"),
        (
            "[cache]\nreplicas = 0\nautomatic_failover = true",
            3,
            "cache.automatic_failover",
            "needs a replica",
        ),
        (
            "[cache]\nautomatic_failover = false\nmulti_az = true",
            3,
            "cache.multi_az",
            "only with automatic failover",
        ),
        ("[cache]\nauth_token = true", 2, "cache.auth_token", "only over encrypted connections"),
        ("[secrets]\nrecovery_window_days = 6", 2, "secrets.recovery_window_days", "7 to 30 days, or 0"),
        ("[secrets]\nrecovery_window_days = 31", 2, "secrets.recovery_window_days", "from 0 to 30"),
        ("[logs]\nretention_days = 4", 2, "logs.retention_days", "use one of 1, 3, 5, 7, 14"),
        ("[logs]\nstream_prefix = \"a:b\"", 2, "logs.stream_prefix", "without spaces, colons"),
    ]);
    let grown = "[database]\nallocated_storage_gib = 50\nmax_allocated_storage_gib = 50";
    assert!(over_default(grown).is_ok(), "storage that does not grow");
}

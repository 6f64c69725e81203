//! Database, cache, secrets and logs.

use super::{check, over_default};

#[test]
fn the_database_is_checked() {
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
        (
            "[database]\nkms_key_id = \"12345678-1234-1234-1234-123456789012\"",
            2,
            "database.kms_key_id",
            "it looks like \"arn:aws:kms:us-west-2:ACCOUNT:key/ID\"",
        ),
        (
            "[database]\nstorage_encrypted = false\nkms_key_id = \"arn:aws:kms:us-west-2:123456789012:key/1\"",
            3,
            "database.kms_key_id",
            "storage is not encrypted",
        ),
    ]);
    let grown = "[database]\nallocated_storage_gib = 50\nmax_allocated_storage_gib = 50";
    assert!(over_default(grown).is_ok(), "storage that does not grow");
}

#[test]
fn the_upkeep_and_the_parameters_of_the_database_are_checked() {
    check(&[
        (
            "[database]\nperformance_insights_retention_days = 30",
            2,
            "database.performance_insights_retention_days",
            "use one of 7, 31, 62",
        ),
        ("[database]\nbackup_window = \"3:00-4:00\"", 2, "database.backup_window", "like \"03:00-04:00\""),
        ("[database]\nbackup_window = \"03:00-03:20\"", 2, "database.backup_window", "at least 30 minutes"),
        (
            "[database]\nmaintenance_window = \"03:00-04:00\"",
            2,
            "database.maintenance_window",
            "like \"sun:05:00-sun:06:00\"",
        ),
        (
            "[database]\nbackup_window = \"23:30-00:30\"\nmaintenance_window = \"Mon:00:00-Mon:01:00\"",
            3,
            "database.maintenance_window",
            "overlaps `database.backup_window`",
        ),
        (
            "[database]\nparameter_group = \"mine\"\n[database.parameters]\nwork_mem = 8192",
            2,
            "database.parameter_group",
            "leave `parameter_group` out",
        ),
        ("[database.parameters]\nWork = 1", 2, "database.parameters.Work", "not the name of a parameter"),
        ("[database.parameters]\nwork_mem = \"\"", 2, "database.parameters.work_mem", "cannot be empty"),
        ("[database.parameters]\nwork_mem = [1]", 2, "database.parameters.work_mem", "a list stands where"),
        ("[database]\nbackup_retention_days = 36", 2, "database.backup_retention_days", "from 0 to 35"),
    ]);
}

#[test]
fn the_cache_is_checked() {
    check(&[
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
        ("[cache]\nauth_token_rotation = -1", 2, "cache.auth_token_rotation", "from 0 to 9999"),
        ("[cache]\nsnapshot_retention_days = 36", 2, "cache.snapshot_retention_days", "from 0 to 35"),
        ("[cache]\nsnapshot_window = \"03:00-03:30\"", 2, "cache.snapshot_window", "at least 60 minutes"),
        (
            "[cache]\nsnapshot_window = \"03:00-04:00\"\nmaintenance_window = \"tue:03:30-tue:05:00\"",
            3,
            "cache.maintenance_window",
            "overlaps `cache.snapshot_window`",
        ),
        (
            "[cache]\nparameter_group = \"mine\"\n[cache.parameters]\ntimeout = 30",
            2,
            "cache.parameter_group",
            "leave `parameter_group` out",
        ),
        (
            "[cache]\nat_rest_encryption = false\nkms_key_id = \"arn:aws:kms:us-west-2:123456789012:key/1\"",
            3,
            "cache.kms_key_id",
            "nothing is encrypted at rest",
        ),
        ("[cache]\nauth_token = true", 2, "cache.auth_token", "only over encrypted connections"),
    ]);
}

#[test]
fn secrets_and_logs_are_checked() {
    check(&[
        ("[secrets]\nrecovery_window_days = 6", 2, "secrets.recovery_window_days", "7 to 30 days, or 0"),
        ("[secrets]\nrecovery_window_days = 31", 2, "secrets.recovery_window_days", "from 0 to 30"),
        ("[logs]\nretention_days = 4", 2, "logs.retention_days", "use one of 1, 3, 5, 7, 14"),
        ("[logs]\nstream_prefix = \"a:b\"", 2, "logs.stream_prefix", "without spaces, colons"),
    ]);
}

#[test]
fn windows_and_parameters_are_read_as_aws_writes_them() {
    let config = over_default(
        "[database]\nbackup_window = \"23:30-00:00\"\nmaintenance_window = \"Mon:00:00-Mon:00:30\"\n\
         [database.parameters]\n\"rds.force_ssl\" = false\nwork_mem = 8192\n\
         [cache.parameters]\nactivedefrag = true\nmaxmemory-policy = \"allkeys-lru\"\n",
    )
    .unwrap();
    let database = &config.database;
    assert_eq!(database.backup_window.as_deref(), Some("23:30-00:00"));
    assert_eq!(database.maintenance_window.as_deref(), Some("mon:00:00-mon:00:30"));
    let pairs = |of: &std::collections::BTreeMap<String, String>| {
        of.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
    };
    assert_eq!(pairs(&database.parameters), ["rds.force_ssl=0", "work_mem=8192"]);
    assert_eq!(pairs(&config.cache.parameters), ["activedefrag=yes", "maxmemory-policy=allkeys-lru"]);
    assert_eq!((database.family(), config.cache.family()), ("postgres17".to_owned(), "redis7".to_owned()));
}

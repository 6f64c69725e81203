//! What production is kept safe by: protection from deletion, a last snapshot, secrets that can be restored.

use serde_json::json;
use sidekick_tests::reference;
use sidekick_tests::site::{Result, Site};

pub(crate) fn a_protected_database_stops_down_and_leaves_a_last_snapshot() -> Result {
    let site = Site::on_moto()?;
    let (protected, open) =
        ("[database]\ndeletion_protection = true\nfinal_snapshot = true", "deletion_protection = false");
    site.workplace.append("dev.toml", protected)?;
    site.up()?;
    let mark = site.mark()?;
    let outcome = site.sidekick(&["down", "--yes"]).ends_with(1)?;
    outcome.says(&["data.postgres", "`database.deletion_protection` is on"])?;
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());

    site.workplace.edit("dev.toml", "deletion_protection = true", open)?;
    site.up()?;
    assert_eq!(site.mutations(mark)?, ["rds ModifyDBInstance"]);
    site.sidekick(&["down", "--yes"]).ends_with(0)?;
    let mut left = site.made()?;
    let left: Vec<_> = left.all().map(|(key, _)| key).collect();
    assert!(
        matches!(left[..], [snapshot] if snapshot.starts_with("db-snapshot sidekick-postgres-final-")),
        "{left:?}"
    );
    Ok(())
}

pub(crate) fn a_secret_with_a_recovery_window_comes_back_as_it_was() -> Result {
    let site = Site::on_moto()?;
    site.workplace.append("dev.toml", "[secrets]\nrecovery_window_days = 7")?;
    site.up()?;
    site.let_an_hour_pass()?;
    let stored = site.database_secret()?;
    site.sidekick(&["down", "--yes"]).ends_with(0)?;
    let left = site.made()?;
    for (name, address) in
        [("app", "compute.app-secret"), ("postgres", "data.postgres-secret"), ("redis", "data.redis-secret")]
    {
        let secret = left.get(&format!("secret sidekick/{name}/credentials"));
        assert_eq!(
            (&secret["leaving"], &secret["tags"]["sidekick:address"]),
            (&json!(true), &json!(address))
        );
    }
    site.up()?;
    site.expect(&reference::environment())?;
    assert_eq!(site.database_secret()?, stored, "the database's secret is another one");
    Ok(())
}

pub(crate) fn production_comes_up_as_configured() -> Result {
    let site = Site::on_moto()?;
    site.sidekick(&["-e", "prod", "up", "--yes"]).ends_with(0)?;
    site.sidekick(&["-e", "prod", "plan", "--detailed-exitcode"]).ends_with(0)?;
    let made = site.made()?;
    let database = made.get("db-instance sidekick-postgres");
    assert_eq!((&database["deletion_protection"], &database["multi_az"]), (&json!(true), &json!(true)));
    assert_eq!(database["backup_retention_days"], 7);
    assert_eq!(made.get("replication-group sidekick-redis")["multi_az"], "enabled");
    assert_eq!(made.get("log-group /ecs/sidekick-task")["retention_days"], 90);
    assert_eq!(made.get("load-balancer sidekick-alb")["deletion_protection"], "true");
    let (redis, vpc) = (made.get("security-group sidekick-redis-sg"), made.get("vpc sidekick-vpc"));
    assert_eq!(redis["ingress"], json!(["tcp 6379-6379 security-group sidekick-ecs-service-sg the service"]));
    assert_eq!(
        (&vpc["tags"]["Env"], &vpc["tags"]["sidekick:stack"]),
        (&json!("prod"), &json!("sidekick/prod"))
    );
    // Nothing of it is dev's.
    site.sidekick(&["down", "--yes"]).ends_with(0)?.says(&["Nothing is on record"])?;
    site.expect(&made)?;
    Ok(())
}

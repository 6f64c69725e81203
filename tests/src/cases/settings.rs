//! What the reference leaves off.

use serde_json::{Value, json};

use super::Open;
use crate::audit::Inventory;
use crate::site::{Result, Site};

const MORE: &str = r#"
[repository]
enabled = true
keep_images = 10
[service]
autoscaling = { min = 1, max = 3, cpu_percent = 60, requests_per_target = 1000 }
[[alb.rules]]
priority = 10
path_patterns = ["/metrics"]
action = { type = "fixed_response", status = 403, body = "forbidden" }
[waf]
allow_list = ["10.0.0.0/8"]
rate_limit = { requests = 2000, window_seconds = 300, priority = 10 }
[public_alb]
enabled = true
allowed_cidrs = ["198.51.100.0/24"]
[database.parameters]
log_min_duration_statement = 500
[cache.parameters]
maxmemory-policy = "allkeys-lru"
"#;
/// With which the application of today cannot connect.
const TOKEN: &str = r#"
[cache]
transit_encryption = true
auth_token = true
auth_token_rotation = 0
"#;

pub(super) fn what_is_off_by_default_comes_up_stays_and_goes(open: Open<'_>) -> Result {
    let site = open()?;
    site.workplace.append("dev.toml", MORE)?;
    stands(&site)?;
    for key in ["load-balancer sidekick-alb-public", "target-group sidekick-tg-public"] {
        assert!(!site.made()?.get(key).is_null(), "there is no {key}");
    }
    goes(&site)
}

pub(super) fn a_cache_with_a_token_comes_up_gets_another_one_and_goes(open: Open<'_>) -> Result {
    let site = open()?;
    site.workplace.append("dev.toml", TOKEN)?;
    stands(&site)?;
    let cache =
        |site: &Site| -> Result<Value> { Ok(site.made()?.get("replication-group sidekick-redis").clone()) };
    let stood = cache(&site)?;
    assert_eq!((&stood["auth_token"], &stood["transit_encryption"]), (&json!(true), &json!(true)));
    site.workplace.edit("dev.toml", "auth_token_rotation = 0", "auth_token_rotation = 1")?;
    let mark = site.mark()?;
    site.up()?;
    let calls = site.mutations(mark)?;
    let token = "elasticache ModifyReplicationGroup";
    assert_eq!(
        calls.iter().filter(|call| *call == token).count(),
        2,
        "beside the old one, then alone: {calls:?}"
    );
    assert_eq!(site.plan()?, json!({}));
    goes(&site)
}

/// Comes up, and there is nothing more to do.
fn stands(site: &Site) -> Result {
    site.up()?;
    let mark = site.mark()?;
    site.up()?;
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());
    assert_eq!(site.plan()?, json!({}));
    Ok(())
}

/// Goes down, and nothing is left.
fn goes(site: &Site) -> Result {
    site.let_an_hour_pass()?;
    site.sidekick(&["down", "--yes"]).ends_with(0)?;
    site.expect(&Inventory::default())?;
    assert_eq!(site.state()?["rows"], json!({}));
    Ok(())
}

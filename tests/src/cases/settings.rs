//! What the reference leaves off, as far as the emulators have it.

use serde_json::json;

use super::Open;
use crate::audit::Inventory;
use crate::site::Result;

/// A cache's parameter group is not among it: neither emulator has any.
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
[cache]
transit_encryption = true
auth_token = true
"#;

pub(super) fn what_is_off_by_default_comes_up_stays_and_goes(open: Open<'_>) -> Result {
    let site = open()?;
    site.workplace.append("dev.toml", MORE)?;
    site.up()?;
    let mark = site.mark()?;
    site.up()?;
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());
    assert_eq!(site.plan()?, json!({}));
    for key in ["load-balancer sidekick-alb-public", "target-group sidekick-tg-public"] {
        assert!(!site.made()?.get(key).is_null(), "there is no {key}");
    }
    site.let_an_hour_pass()?;
    site.sidekick(&["down", "--yes"]).ends_with(0)?;
    site.expect(&Inventory::default())?;
    assert_eq!(site.state()?["rows"], json!({}));
    Ok(())
}

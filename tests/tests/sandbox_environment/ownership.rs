//! What has our names and not our tags: never taken over, never changed, never deleted.

use serde_json::json;

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    what_is_not_ours_is_refused_before_anything_is_made,
    what_took_the_name_of_ours_outlives_down,
    what_was_changed_behind_our_back_is_shown_and_put_right,
    drift_is_told_apart_from_an_edit_of_the_same_field,
];

const LOG_GROUP: &str = "/ecs/sidekick-task";

fn what_is_not_ours_is_refused_before_anything_is_made() -> Shown {
    let desk = Desk::new()?;
    desk.call("logs", "CreateLogGroup", json!({ "logGroupName": LOG_GROUP }))?;
    let foreign = desk.world()?;
    for command in ["plan", "up --yes"] {
        desk.run(command).ends_with(1)?.says(&["refuse   compute.log-group", "ownership tags", "hint: "])?;
    }
    assert_eq!(foreign.differences(&desk.world()?), [""; 0], "it is as it was, and nothing else was made");
    desk.call("logs", "DeleteLogGroup", json!({ "logGroupName": LOG_GROUP }))?;
    desk.brings("up")?;
    desk.is_settled()?;
    Ok(())
}

fn what_took_the_name_of_ours_outlives_down() -> Shown {
    let desk = Desk::up()?;
    desk.call("logs", "DeleteLogGroup", json!({ "logGroupName": LOG_GROUP }))?;
    desk.call(
        "logs",
        "CreateLogGroup",
        json!({ "logGroupName": LOG_GROUP, "tags": { "Owner": "somebody" } }),
    )?;
    desk.run("up --yes").ends_with(1)?.says(&["compute.log-group", "ownership tags"])?;
    desk.brings("down")?;
    let world = desk.world()?;
    assert_eq!(
        world.census(),
        [("logs groups".to_owned(), 1)].into(),
        "all that is ours is gone, and only that"
    );
    assert_eq!(world.living("logs", "groups")[0]["tags"], json!({ "Owner": "somebody" }));
    Ok(())
}

fn what_was_changed_behind_our_back_is_shown_and_put_right() -> Shown {
    let desk = Desk::up()?;
    let days = json!({ "logGroupName": LOG_GROUP, "retentionInDays": 30 });
    desk.call("logs", "PutRetentionPolicy", days)?;
    desk.run("plan").ends_with(0)?.says(&[
        "retention_days: 30 → 3",
        "changed outside of sidekick",
        "1 to update",
    ])?;
    desk.brings("up")?;
    desk.is_settled()?;
    assert_eq!(desk.world()?.living("logs", "groups")[0]["retention"], 3);
    Ok(())
}

fn drift_is_told_apart_from_an_edit_of_the_same_field() -> Shown {
    let desk = Desk::up()?;
    let groups = desk.call("elasticloadbalancing", "DescribeTargetGroups", json!({}))?;
    let group = &groups["TargetGroups"][0]["TargetGroupArn"];
    let path = json!({ "TargetGroupArn": group, "HealthCheckPath": "/health" });
    desk.call("elasticloadbalancing", "ModifyTargetGroup", path)?;
    desk.place.edit("default.toml", "interval_seconds = 10\n", "interval_seconds = 15\n")?;
    desk.run("plan").ends_with(0)?.says(&[
        "health_check.interval_seconds: 10 → 15\n",
        "health_check.path: /health → /  (changed outside of sidekick)\n",
        "1 to update",
    ])?;
    desk.brings("up")?;
    desk.is_settled()?;
    Ok(())
}

//! Who can reach whom, computed from what stands: holes that somebody opened by hand are found, named and taken back.

use std::error::Error;

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    a_rule_that_somebody_added_breaks_a_promise_until_up_takes_it_back,
    a_database_that_was_put_on_the_internet_is_found_and_taken_back,
    a_group_that_others_put_on_the_load_balancer_is_found_although_it_is_not_on_record,
    a_route_that_others_took_away_is_named,
    a_plan_tells_what_becomes_reachable,
];

/// The identity on record of what stands at an address.
fn id(desk: &Desk, address: &str) -> Result<String, Box<dyn Error>> {
    let row = desk.run(&format!("state show {address} --output json")).ends_with(0)?;
    let row: Value = serde_json::from_str(&row.stdout)?;
    Ok(row["id"].as_str().ok_or("an identity")?.to_owned())
}

/// Somebody lets the whole internet in.
fn opens(desk: &Desk, group: &str, port: u16) -> Shown {
    let ranges = json!([{ "CidrIp": "0.0.0.0/0" }]);
    let permission = json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ranges });
    let params = json!({ "GroupId": group, "IpPermissions": [permission] });
    desk.call("ec2", "AuthorizeSecurityGroupIngress", params).map(drop)
}

fn a_rule_that_somebody_added_breaks_a_promise_until_up_takes_it_back() -> Shown {
    let desk = Desk::up()?;
    desk.run("status --check").ends_with(0)?.says(&["of the configuration hold"])?;
    let group = id(&desk, "security.postgres")?;
    opens(&desk, &group, 5432)?;
    let rule = format!("security.postgres ({group}) lets in tcp 5432 from 0.0.0.0/0 (sgr-");
    desk.run("status --check").ends_with(1)?.says(&[
        "broken: the groups of the database admit the VPC only (posture `reference`)",
        &rule,
        "hint: run `sidekick up`",
    ])?;
    // Every resource works, and what was changed is shown.
    desk.run("status").ends_with(0)?.says(&[
        "security  all 4 ready",
        "security.postgres (1 field changed outside of sidekick)",
        "ingress: + ",
        "internet → database, 5432/tcp",
        "data.postgres is not publicly accessible",
    ])?;
    let told = desk.run("status --check --output json").ends_with(1)?;
    let promises = told.json("promises")?;
    let broken = promises.as_array().ok_or("a list")?.iter().filter(|it| it["kept"] == false);
    let broken: Vec<_> = broken.map(|it| it["broken_by"].to_string()).collect();
    assert!(broken.len() == 1 && broken[0].contains(&rule), "{told}");
    desk.brings("up")?;
    desk.run("status --check").ends_with(0)?;
    let status = desk.run("status").ends_with(0)?;
    assert!(!status.text().contains("outside of sidekick"), "{status}");
    Ok(())
}

fn a_database_that_was_put_on_the_internet_is_found_and_taken_back() -> Shown {
    let desk = Desk::up()?;
    let (group, table) = (id(&desk, "security.postgres")?, id(&desk, "network.private-routes.us-west-2a")?);
    let gateway = id(&desk, "network.internet-gateway")?;
    desk.lets_the_first_backup_end()?;
    let public = json!({ "DBInstanceIdentifier": "sidekick-postgres", "PubliclyAccessible": true });
    desk.call("rds", "ModifyDBInstance", public)?;
    let route = json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway });
    desk.call("ec2", "ReplaceRoute", route)?;
    desk.run("status --check").ends_with(0)?.says(&["nobody from the internet is let in on 5432/tcp"])?;
    opens(&desk, &group, 5432)?;
    let route = format!(
        "network.private-routes.us-west-2a ({table}) leads 0.0.0.0/0 to network.internet-gateway ({gateway})"
    );
    let checked = desk.run("status --check").ends_with(1)?.says(&[
        "broken: only the VPC reaches the database",
        "data.postgres is reached from 0.0.0.0/0 through network.internet-gateway",
        &route,
        "data.postgres (1 field changed outside of sidekick)",
        "publicly_accessible: false → true",
    ])?;
    let way = checked.stdout.lines().find(|line| line.contains("internet → database")).ok_or("a path")?;
    assert!(way.contains("ACTIVE"), "{checked}");
    desk.run("plan")
        .ends_with(0)?
        .says(&["publicly_accessible: true → false", "internet → database, 5432/tcp"])?;
    desk.brings("up")?;
    desk.run("status --check").ends_with(0)?;
    Ok(desk.is_settled()?)
}

fn a_group_that_others_put_on_the_load_balancer_is_found_although_it_is_not_on_record() -> Shown {
    let desk = Desk::new()?;
    desk.place.edit("default.toml", "posture = \"reference\"", "posture = \"strict\"")?;
    desk.brings("up")?;
    desk.run("status --check").ends_with(0)?;
    let made = json!({ "VpcId": id(&desk, "network.vpc")?, "GroupName": "open", "GroupDescription": "open" });
    let made = desk.call("ec2", "CreateSecurityGroup", made)?;
    let foreign = made["groupId"].as_str().ok_or("a group")?.to_owned();
    opens(&desk, &foreign, 80)?;
    let groups = json!([id(&desk, "security.alb")?, foreign]);
    let params = json!({ "LoadBalancerArn": id(&desk, "edge.alb")?, "SecurityGroups": groups });
    desk.call("elasticloadbalancing", "SetSecurityGroups", params)?;
    let rule = format!("{foreign} lets in tcp 80 from 0.0.0.0/0 (sgr-");
    let promise = "the groups of the load balancer admit the VPC and the peers only (posture `strict`)";
    desk.run("status --check").ends_with(1)?.says(&[promise, &rule])?;
    desk.brings("up")?;
    desk.run("status --check").ends_with(0)?;
    Ok(())
}

fn a_route_that_others_took_away_is_named() -> Shown {
    let desk = Desk::up()?;
    let table = id(&desk, "network.private-routes.us-west-2a")?;
    let route = json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0" });
    desk.call("ec2", "DeleteRoute", route)?;
    let why = format!("network.private-routes.us-west-2a ({table}) has no route to the internet");
    let status = desk.run("status").ends_with(0)?.says(&[&why])?;
    let way = status.stdout.lines().find(|line| line.contains("service → internet")).ok_or("a path")?;
    assert!(way.contains("BLOCKED"), "{status}");
    Ok(())
}

fn a_plan_tells_what_becomes_reachable() -> Shown {
    let desk = Desk::new()?;
    // What is not there keeps no promise, and a check that saw nothing is no good news.
    desk.run("status").ends_with(0)?.says(&["Nothing is on record"])?;
    desk.run("status --check").ends_with(1)?.says(&["Nothing is on record", "No promise was checked"])?;
    assert_eq!(desk.run("status --check --output json").ends_with(1)?.json("checked")?, false);
    desk.run("plan").ends_with(0)?.says(&["Access after this plan", "service → database, 5432/tcp"])?;
    desk.brings("up")?;
    let settled = desk.run("plan").ends_with(0)?;
    assert!(!settled.text().contains("Access after this plan"), "{settled}");
    let [closed, open] = ["false", "true"].map(|it| format!("[public_alb]\nenabled = {it}\n"));
    desk.place.append("dev.toml", &format!("{open}allowed_cidrs = [\"203.0.113.0/24\"]"))?;
    desk.run("plan").ends_with(0)?.says(&[
        "Access after this plan",
        "internet → public load balancer, 80/tcp",
        "security.public-alb lets in tcp 80 from 203.0.113.0/24",
    ])?;
    let changes = desk.run("plan --output json").ends_with(0)?.json("access_changes")?;
    let changes = changes.as_array().ok_or("a list")?.iter();
    let states: Vec<_> = changes.map(|it| (it["path"].as_str(), it["state"].as_str())).collect();
    assert_eq!(
        states,
        [
            (Some("internet → public load balancer, 80/tcp"), Some("ACTIVE")),
            (Some("public load balancer → service, 7500/tcp"), Some("ACTIVE")),
        ]
    );
    // Whoever runs `up` at once sees it as well, and what a plan closes is told like what it opens.
    let opens = ["Access after this plan", "internet → public load balancer, 80/tcp"];
    desk.brings("up")?.says(&opens)?;
    desk.place.edit("dev.toml", &open, &closed)?;
    let plan = desk.run("plan").ends_with(0)?.says(&opens)?;
    let way = plan.stdout.lines().find(|line| line.contains(opens[1])).ok_or("a path")?;
    assert!(way.contains("BLOCKED"), "{plan}");
    // A rollout that failed has closed nothing, so the next plan opens nothing.
    desk.place.edit("dev.toml", &closed, &open)?;
    desk.place.edit("default.toml", "sidekick:wip-aws-infra", "sidekick:does-not-exist")?;
    desk.run("up --yes").ends_with(1)?;
    let plan = desk.run("plan").ends_with(0)?;
    assert!(!plan.text().contains("Access after this plan"), "{plan}");
    Ok(())
}

//! Names of what is made anew beside the old one: what uses it changes to the new one, and then the old one goes.

use serde_json::{Value, json};
use sidekick_sandbox::Sandbox;
use sidekick_tests::simulation::estate::{Estate, Fortune, Outcome};
use sidekick_tests::simulation::fuse::Fuse;
use sidekick_tests::simulation::goal::{an_age, idles};
use sidekick_tests::simulation::switching::{brought, switches};

use super::edge::{ELB, HTTPS, PUBLIC, lapses, look, never_lapses, up};

const GROUP: &str = "[target_group]\nname = \"{name}-tg-2\"\n";

/// The tasks come into the new group before the listener sends requests there, and leave the old one after.
#[tokio::test(start_paused = true)]
async fn a_target_group_is_made_then_taken_by_service_and_listener_then_the_old_one_goes() {
    let switched = switches("", GROUP).await;
    let calls = [
        "ecs UpdateService",
        "ecs UpdateService",
        "elasticloadbalancing CreateTargetGroup",
        "elasticloadbalancing DeleteTargetGroup",
        "elasticloadbalancing ModifyListener",
        "elasticloadbalancing ModifyListener",
        "elasticloadbalancing ModifyTargetGroupAttributes",
    ];
    assert_eq!(
        (switched.there, switched.back),
        (calls.map(str::to_owned).into(), calls.map(str::to_owned).into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_security_group_is_made_then_taken_by_what_has_it_then_the_old_one_goes() {
    let switched = switches("", "[security]\nredis_group = \"{name}-redis-sg-2\"\n").await;
    let calls = [
        "ec2 AuthorizeSecurityGroupIngress",
        "ec2 CreateSecurityGroup",
        "ec2 DeleteSecurityGroup",
        "elasticache ModifyReplicationGroup",
    ];
    assert_eq!(
        (switched.there, switched.back),
        (calls.map(str::to_owned).into(), calls.map(str::to_owned).into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_role_is_made_then_taken_by_the_tasks_then_the_old_one_goes() {
    let switched = switches("", "[roles]\ntask = \"{name}-ecs-task-role-2\"\n").await;
    let calls = ["ecs RegisterTaskDefinition", "ecs UpdateService", "iam CreateRole", "iam DeleteRole"];
    assert_eq!(
        (switched.there, switched.back),
        (calls.map(str::to_owned).into(), calls.map(str::to_owned).into())
    );
}

/// ECS registers each task with its own port, so the target group's need not follow.
#[tokio::test(start_paused = true)]
async fn another_port_of_the_application_is_a_rolling_deployment() {
    let switched = switches("", "[service]\nport = 7600\n").await;
    let replaced = switched.there.iter().chain(&switched.back).find(|call| call.contains("Delete"));
    assert_eq!(replaced, None);
    assert!(switched.there.contains(&"ecs UpdateService".to_owned()), "{:?}", switched.there);
}

fn list(found: &Value, name: &str) -> Vec<Value> {
    found[name].as_array().cloned().unwrap_or_default()
}

/// The targets of a target group: the port of each, and its health.
fn targets(sandbox: &Sandbox, group: &Value) -> Vec<(Value, Value)> {
    let health = look(sandbox, ELB, "DescribeTargetHealth", json!({ "TargetGroupArn": group }));
    let targets = list(&health, "TargetHealthDescriptions").into_iter();
    targets.map(|it| (it["Target"]["Port"].clone(), it["TargetHealth"]["State"].clone())).collect()
}

/// Whether every listener has healthy targets in each group that it sends requests to.
fn all_are_answered(sandbox: &Sandbox) -> bool {
    let balancers = look(sandbox, ELB, "DescribeLoadBalancers", json!({}));
    let forwards = list(&balancers, "LoadBalancers").into_iter().flat_map(|it| {
        let found = json!({ "LoadBalancerArn": it["LoadBalancerArn"] });
        let listeners = list(&look(sandbox, ELB, "DescribeListeners", found), "Listeners").into_iter();
        let rules = listeners.flat_map(|it| {
            let found = json!({ "ListenerArn": it["ListenerArn"] });
            list(&look(sandbox, ELB, "DescribeRules", found), "Rules")
        });
        rules.map(|rule| rule["Actions"][0]["ForwardConfig"].clone()).collect::<Vec<_>>()
    });
    let groups: Vec<_> = forwards.flat_map(|forward| list(&forward, "TargetGroups")).collect();
    let in_use = groups.iter().filter(|it| it["Weight"] != json!(0)).map(|it| &it["TargetGroupArn"]);
    in_use.clone().count() > 0
        && in_use.into_iter().all(|it| targets(sandbox, it).iter().any(|(_, state)| state == "healthy"))
}

/// Whether a request to port 80 comes to a healthy target, by a redirect to HTTPS or without one.
fn plain_requests_are_answered(sandbox: &Sandbox) -> bool {
    let balancers = list(&look(sandbox, ELB, "DescribeLoadBalancers", json!({})), "LoadBalancers");
    let found = json!({ "LoadBalancerArn": balancers.first().map(|it| &it["LoadBalancerArn"]) });
    let listeners = list(&look(sandbox, ELB, "DescribeListeners", found), "Listeners");
    let action = |port: &Value| {
        let listener = listeners.iter().find(|it| it["Port"] == *port);
        listener.map(|it| it["DefaultActions"][0].clone()).unwrap_or_default()
    };
    let mut action_of_plain = action(&json!(80));
    if let Some(port) = action_of_plain["RedirectConfig"]["Port"].as_str() {
        action_of_plain = action(&port.parse::<u16>().map_or(Value::Null, |port| json!(port)));
    }
    let groups = list(&action_of_plain["ForwardConfig"], "TargetGroups");
    groups
        .iter()
        .filter(|it| it["Weight"] != json!(0))
        .any(|it| targets(sandbox, &it["TargetGroupArn"]).iter().any(|(_, state)| state == "healthy"))
}

/// Whether the tasks' group lets load balancers in on every port of a target, those that drain included.
fn all_ports_are_open(sandbox: &Sandbox) -> bool {
    let groups = list(&look(sandbox, "ec2", "DescribeSecurityGroups", json!({})), "securityGroupInfo");
    let own = groups.iter().find(|it| it["groupName"] == "sidekick-ecs-service-sg");
    let permissions = own.map(|it| list(it, "ipPermissions")).unwrap_or_default();
    let is_open =
        |port: &Value| permissions.iter().any(|it| it["fromPort"] == *port && !list(it, "groups").is_empty());
    let groups = list(&look(sandbox, ELB, "DescribeTargetGroups", json!({})), "TargetGroups");
    let targets = groups.iter().flat_map(|it| targets(sandbox, &it["TargetGroupArn"]));
    targets.into_iter().all(|(port, _)| is_open(&port))
}

#[tokio::test(start_paused = true)]
async fn the_former_port_of_the_application_stays_open_until_its_last_task_is_gone() {
    let other = "[service]\nport = 7600\n";
    let holds: fn(&Sandbox) -> bool = |sandbox| all_ports_are_open(sandbox) && all_are_answered(sandbox);
    never_lapses("", other, holds).await;
    never_lapses(PUBLIC, &format!("{other}{PUBLIC}"), holds).await;
}

#[tokio::test(start_paused = true)]
async fn requests_are_answered_while_a_target_group_takes_the_place_of_another() {
    never_lapses("", GROUP, all_are_answered).await;
    let rule =
        "[[alb.rules]]\npriority = 10\npath_patterns = [\"/api/*\"]\naction = { type = \"forward\" }\n";
    let public = format!("{PUBLIC}target_group = \"{{name}}-tg-public-2\"\n");
    never_lapses(&format!("{PUBLIC}{rule}"), &format!("{public}{GROUP}{rule}"), all_are_answered).await;
}

/// The listener for HTTPS begins with a group that has no targets yet.
#[tokio::test(start_paused = true)]
async fn requests_are_answered_while_https_and_another_target_group_come_together() {
    let mut estate = Estate::new(32);
    brought(&estate, up("")).await;
    let both = format!("{HTTPS}{GROUP}");
    assert_eq!(lapses(&mut estate, &both, plain_requests_are_answered).await, [""; 0]);
    assert_eq!(brought(&estate, up(&both)).await, [""; 0]);
}

/// Wherever the way to another target group was broken off, the way back replaces nothing that uses it.
#[tokio::test(start_paused = true)]
async fn a_crash_and_a_return_to_the_former_target_group_replace_nothing() {
    let standing = Estate::new(31);
    brought(&standing, up("")).await;
    for at in (1..).step_by(3) {
        let estate = standing.fork();
        if !matches!(estate.run(up(GROUP), Fortune::dies(Fuse::at(at))).await, Outcome::Died) {
            assert!(at > 30, "only {at} boundaries");
            break;
        }
        let before = estate.sandbox.logged();
        let outcome = estate.run(up(""), Fortune::kind()).await;
        assert!(outcome.is_success(), "after a crash at {at}: {outcome}");
        let log = estate.sandbox.log_since(before);
        let deleted = log.0.iter().map(|call| call.operation.as_str());
        let deleted = deleted.filter(|it| it.starts_with("Delete") && *it != "DeleteTargetGroup");
        assert_eq!(deleted.collect::<Vec<_>>(), [""; 0], "after a crash at {at}");
        an_age().await;
        assert_eq!(estate.audit(), [""; 0], "after a crash at {at}");
        assert_eq!(idles(&estate, up("")).await, [""; 0], "after a crash at {at}");
    }
}

/// The tasks keep to the stores by rules for their group, which is another one.
#[tokio::test(start_paused = true)]
async fn a_group_of_the_tasks_is_let_in_as_long_as_tasks_have_it() {
    let strict = "[security]\nposture = \"strict\"\n";
    let other = format!("{strict}service_group = \"{{name}}-ecs-service-sg-2\"\n");
    never_lapses(strict, &other, |sandbox| {
        let groups = list(&look(sandbox, "ec2", "DescribeSecurityGroups", json!({})), "securityGroupInfo");
        let stores = groups.iter().filter(|it| it["groupName"] == "sidekick-postgres-sg");
        let admitted: Vec<_> = stores.flat_map(|it| list(it, "ipPermissions")).collect();
        let admitted: Vec<_> = admitted.iter().flat_map(|it| list(it, "groups")).collect();
        let found = look(sandbox, "ec2", "DescribeNetworkInterfaces", json!({}));
        let interfaces = list(&found, "networkInterfaceSet").into_iter();
        let of_tasks = interfaces.filter(|it| it["requesterId"] == "amazon-ecs");
        let let_in = of_tasks.filter(|it| {
            list(it, "groupSet").iter().any(|own| admitted.iter().any(|it| it["groupId"] == own["groupId"]))
        });
        // A task that is told to stop keeps its interface for a while and needs nothing any more.
        let running = json!({ "cluster": "sidekick-cluster", "desiredStatus": "RUNNING" });
        let_in.count() >= list(&look(sandbox, "ecs", "ListTasks", running), "taskArns").len()
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_web_acl_is_made_then_takes_the_association_then_the_old_one_goes() {
    let switched = switches("", "[waf]\nname = \"{name}-waf-2\"\n").await;
    let calls = ["wafv2 AssociateWebACL", "wafv2 CreateWebACL", "wafv2 DeleteWebACL"];
    assert_eq!(
        (switched.there, switched.back),
        (calls.map(str::to_owned).into(), calls.map(str::to_owned).into())
    );
}

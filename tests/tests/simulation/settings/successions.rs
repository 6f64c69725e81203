//! Names of what is made anew beside the old one: what uses it changes to the new one, and then the old one goes.

use sidekick_tests::simulation::switching::switches;

#[tokio::test(start_paused = true)]
async fn a_target_group_is_made_then_taken_by_listener_and_service_then_the_old_one_goes() {
    let switched = switches("", "[target_group]\nname = \"{name}-tg-2\"\n").await;
    let calls = [
        "ecs UpdateService",
        "elasticloadbalancing CreateTargetGroup",
        "elasticloadbalancing DeleteTargetGroup",
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

#[tokio::test(start_paused = true)]
async fn a_web_acl_is_made_then_takes_the_association_then_the_old_one_goes() {
    let switched = switches("", "[waf]\nname = \"{name}-waf-2\"\n").await;
    let calls = ["wafv2 AssociateWebACL", "wafv2 CreateWebACL", "wafv2 DeleteWebACL"];
    assert_eq!(
        (switched.there, switched.back),
        (calls.map(str::to_owned).into(), calls.map(str::to_owned).into())
    );
}

//! The network: what a VPC answers about names, the subnets it has, and what faces the internet.

use sidekick_tests::simulation::switching::{Switched, switches};

use super::edge::HTTPS;

fn has(calls: &[String], call: &str) -> usize {
    calls.iter().filter(|it| *it == call).count()
}

#[tokio::test(start_paused = true)]
async fn what_the_vpc_answers_about_names_is_switched_in_place() {
    let once: Vec<_> = ["ec2 ModifyVpcAttribute".to_owned()].into();
    let switched = switches("", "[network]\ndns_hostnames = false\n").await;
    assert_eq!(switched, Switched { there: once.clone(), back: once });
}

#[tokio::test(start_paused = true)]
async fn a_subnet_more_is_made_for_the_tasks_and_the_data_stores_and_goes_again() {
    let more = "[network]\nprivate_subnets = [\n\
        { cidr = \"10.0.1.0/24\", zone = \"us-west-2a\" },\n\
        { cidr = \"10.0.2.0/24\", zone = \"us-west-2b\" },\n\
        { cidr = \"10.0.6.0/24\", zone = \"us-west-2c\" },\n]\n";
    let Switched { there, back } = switches("", more).await;
    assert_eq!(
        (has(&there, "ec2 CreateSubnet"), has(&back, "ec2 DeleteSubnet")),
        (1, 1),
        "{there:?} {back:?}"
    );
    for calls in [&there, &back] {
        let told = ["rds ModifyDBSubnetGroup", "elasticache ModifyCacheSubnetGroup", "ecs UpdateService"];
        assert_eq!(told.map(|call| has(calls, call)), [1; 3], "{calls:?}");
        let made = |call: &&String| call.contains("Create") && *call != "ec2 CreateSubnet";
        assert_eq!(calls.iter().find(made), None, "nothing is made anew");
    }
}

#[tokio::test(start_paused = true)]
async fn another_listener_port_moves_the_listener_and_what_lets_clients_in() {
    let Switched { there, back } = switches("", "[alb]\nlistener_port = 7500\n").await;
    for calls in [&there, &back] {
        assert_eq!(has(calls, "elasticloadbalancing CreateLoadBalancer"), 0, "{calls:?}");
        assert!(calls.iter().any(|call| call.ends_with("Listener")), "{calls:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_that_faces_the_internet_is_another_one() {
    let Switched { there, back } = switches("", "[alb]\ninternal = false\n").await;
    for calls in [&there, &back] {
        let replaced =
            ["DeleteLoadBalancer", "CreateLoadBalancer"].map(|it| format!("elasticloadbalancing {it}"));
        assert_eq!(replaced.map(|call| has(calls, &call)), [1; 2], "{calls:?}");
        assert_eq!(has(calls, "ecs DeleteService"), 0, "the service goes on: {calls:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_certificate_is_a_change_of_the_listener() {
    let other = HTTPS.replace("12345678-1234", "87654321-4321");
    let once: Vec<_> = ["elasticloadbalancing ModifyListener".to_owned()].into();
    assert_eq!(switches(HTTPS, &other).await, Switched { there: once.clone(), back: once });
}

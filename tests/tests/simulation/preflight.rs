//! What is looked at before anything is changed: it stops what cannot succeed, and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sidekick_aws::Caller;
use sidekick_engine::Plan;
use sidekick_sandbox::{Faults, Reason};
use sidekick_stack::preflight::{Finding, Preflight, Verdict};
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::estate::{Command, Estate, Fortune, Outcome};

const UP: Command = Command::Up(Configuration::Shipped);

/// Who calls.
const USER: &str = "arn:aws:iam::123456789012:user/sandbox";

fn deny(estate: &Estate, actions: &[&str]) {
    let denied = actions.iter().map(|action| (*action).to_owned()).collect();
    estate
        .sandbox
        .set_faults(Faults { denied, ..Faults::default() })
        .expect("a world in memory can be written");
}

/// How the findings of an environment without any plan are for a caller.
async fn findings(estate: &Estate, arn: &str) -> Vec<Finding> {
    findings_of(estate, Configuration::Shipped, arn).await
}

async fn findings_of(estate: &Estate, configuration: Configuration, arn: &str) -> Vec<Finding> {
    diagnosis(estate, configuration, arn, &Plan::default()).await
}

/// What `sidekick doctor` finds.
async fn diagnosis(estate: &Estate, configuration: Configuration, arn: &str, plan: &Plan) -> Vec<Finding> {
    let config = configuration.get();
    let caller = Caller { account: "123456789012".to_owned(), arn: arn.to_owned() };
    let aws = estate.aws(config);
    Preflight { aws: &aws, config, caller: &caller, plan, dry_runs: true }.findings().await
}

/// A plan with this one step.
fn step(step: Value) -> Plan {
    serde_json::from_value(json!([step])).expect("a plan")
}

/// With a certificate whose id begins like this.
fn https(start: &str) -> Configuration {
    let arn = format!("arn:aws:acm:us-west-2:123456789012:certificate/{start}-1234-1234-1234-123456789012");
    Configuration::own(&format!("[alb]\ncertificate_arn = \"{arn}\"\n"))
}

fn permissions(findings: &[Finding]) -> &Verdict {
    let found = findings.iter().find(|finding| finding.subject.starts_with("permissions of "));
    &found.expect("permissions are looked at").verdict
}

#[tokio::test(start_paused = true)]
async fn what_is_denied_stops_a_run_before_its_first_change() {
    for action in ["ec2:CreateVpc", "elasticache:CreateReplicationGroup", "iam:PassRole"] {
        let estate = Estate::new(41);
        deny(&estate, &[action]);
        let outcome = estate.run(UP, Fortune::kind()).await;
        let Outcome::Refused(why) = &outcome else { panic!("{outcome}") };
        assert!(why.contains(action) && why.contains("sidekick iam policy"), "{why}");
        assert_eq!(estate.sandbox.log().mutating(), 0);
        assert_eq!(estate.world().census(), [].into());
        deny(&estate, &[]);
        assert!(estate.run(UP, Fortune::kind()).await.is_success());
    }
}

#[tokio::test(start_paused = true)]
async fn the_image_is_looked_at_only_where_tasks_are_started() {
    let estate = Estate::new(44);
    for (field, is_looked_at) in [("tags", false), ("cpu_units", true)] {
        let change = json!({ "field": field, "old": 1, "new": 2, "replaces": false });
        let plan = step(json!({
            "address": "compute.task-definition", "kind": "ecs.task_definition", "action": "update", "changes": [change],
        }));
        let findings = diagnosis(&estate, Configuration::Shipped, USER, &plan).await;
        assert_eq!(findings.iter().any(|it| it.subject.starts_with("image ")), is_looked_at, "{field}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_may_not_look_is_not_stopped() {
    let estate = Estate::new(42);
    let looks = [
        "acm:DescribeCertificate",
        "ec2:DescribeAccountAttributes",
        "ecr:DescribeImages",
        "elasticache:DescribeReservedCacheNodesOfferings",
        "elasticloadbalancing:DescribeAccountLimits",
        "iam:GetAccountSummary",
        "iam:SimulatePrincipalPolicy",
        "rds:DescribeAccountAttributes",
        "rds:DescribeOrderableDBInstanceOptions",
        "servicequotas:GetServiceQuota",
    ];
    deny(&estate, &looks);
    let https = https("12345678");
    let unknown = findings_of(&estate, https, USER).await;
    assert!(unknown.iter().all(|it| matches!(it.verdict, Verdict::Unknown { .. })), "{unknown:#?}");
    // Each of the network's quotas is one of its own: those of VPCs, internet gateways and NAT gateways.
    assert_eq!(unknown.len(), looks.len() + 2, "{unknown:#?}");
    assert!(estate.run(Command::Up(https), Fortune::kind()).await.is_success());
}

#[tokio::test(start_paused = true)]
async fn a_role_is_judged_by_its_own_policies_and_never_stopped_for_what_none_mentions() {
    let estate = Estate::new(43);
    let call = |operation: &str, params: Value| {
        estate.sandbox.call("iam", operation, params).unwrap_or_else(|why| panic!("{operation}: {why:?}"))
    };
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "ecs-tasks.amazonaws.com" },
    }] });
    let trust = trust.to_string();
    call("CreateRole", json!({ "RoleName": "deployer", "Path": "/ci/", "AssumeRolePolicyDocument": trust }));
    let arn = "arn:aws:sts::123456789012:assumed-role/deployer/session";
    let without = findings(&estate, arn).await;
    let verdict = permissions(&without);
    assert!(matches!(verdict, Verdict::Unknown { why } if why.contains("ec2:DescribeVpcs")), "{verdict:?}");
    let policy = |effect: &str, action: &str| {
        let statement = json!([{ "Effect": effect, "Action": action, "Resource": "*" }]);
        let document = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        json!({ "RoleName": "deployer", "PolicyName": effect, "PolicyDocument": document })
    };
    call("PutRolePolicy", policy("Allow", "*"));
    assert!(matches!(permissions(&findings(&estate, arn).await), Verdict::Good { .. }));
    call("PutRolePolicy", policy("Deny", "rds:*"));
    let denied = findings(&estate, arn).await;
    let verdict = permissions(&denied);
    assert!(
        matches!(verdict, Verdict::Problem { what, .. } if what.contains("rds:DescribeDBInstances")),
        "{verdict:?}"
    );
    for nobody in ["arn:aws:iam::123456789012:root", "arn:aws:sts::123456789012:federated-user/x"] {
        let verdict = findings(&estate, nobody).await;
        assert!(matches!(permissions(&verdict), Verdict::Unknown { .. }), "{nobody}: {verdict:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_database_that_cannot_be_ordered_is_told_with_what_is_in_the_way() {
    let zones = |second: &str| {
        format!(
            "[network]\nprivate_subnets = [{{ cidr = \"10.0.1.0/24\", zone = \"us-west-2a\" }}, \
             {{ cidr = \"10.0.2.0/24\", zone = \"us-west-2{second}\" }}]\n"
        )
    };
    for (file, words) in [
        ("[database]\ninstance_class = \"db.t4g.medium\"\nengine_version = \"16\"\nparameter_group = \"default.postgres16\"\n".to_owned(), None),
        ("[database]\ninstance_class = \"db.t9g.micro\"\n".to_owned(), Some("db.t9g.micro for PostgreSQL in us-west-2")),
        ("[database]\nengine_version = \"17.99\"\n".to_owned(), Some("with PostgreSQL 17.99")),
        // The sandbox's region has four zones. One is enough for one instance, and a standby needs another.
        (zones("e"), None),
        (format!("{}[database]\nmulti_az = true\n", zones("b")), None),
        (
            format!("{}[database]\nmulti_az = true\n", zones("e")),
            Some("in too few of the zones us-west-2a, us-west-2e"),
        ),
    ] {
        let estate = Estate::new(45);
        let found = findings_of(&estate, Configuration::own(&file), USER).await;
        let class = found.iter().find(|it| it.subject.starts_with("class ")).expect("it is looked at");
        match (&class.verdict, words) {
            (Verdict::Good { .. }, None) => {}
            (Verdict::Problem { what, .. }, Some(words)) if what.contains(words) => {}
            (verdict, words) => panic!("{words:?}, but {verdict:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_stands_is_not_looked_at_for_whether_it_could_be_had_today() {
    let estate = Estate::new(47);
    let config = Configuration::own("[database]\ninstance_class = \"db.t9g.micro\"\n");
    for (field, is_looked_at) in
        [("tags", false), ("port", false), ("multi_az", true), ("instance_class", true)]
    {
        let change = json!({ "field": field, "old": 1, "new": 2, "replaces": false });
        let update = json!({ "address": "data.postgres", "kind": "rds.instance", "action": "update", "changes": [change] });
        let found = diagnosis(&estate, config, USER, &step(update)).await;
        assert_eq!(
            found.iter().any(|it| it.subject.starts_with("class ")),
            is_looked_at,
            "{field}: {found:#?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_network_for_which_there_is_no_room_is_told_before_the_first_change() {
    let estate = Estate::new(54);
    let by_others = |operation: &str, params: Value| {
        let made = estate.sandbox.call("ec2", operation, params);
        made.unwrap_or_else(|why| panic!("{operation}: {} {}", why.code, why.message))
    };
    let text = |answer: &Value, pointer: &str| answer.pointer(pointer).expect("it is there").clone();
    let vpcs: Vec<_> = (0..5)
        .map(|number| {
            let made = by_others("CreateVpc", json!({ "CidrBlock": format!("10.{number}.0.0/16") }));
            text(&made, "/vpc/vpcId")
        })
        .collect();
    let gateways: Vec<_> = (0..5)
        .map(|_| text(&by_others("CreateInternetGateway", json!({})), "/internetGateway/internetGatewayId"))
        .collect();
    by_others("AttachInternetGateway", json!({ "VpcId": vpcs[0], "InternetGatewayId": gateways[0] }));
    let place = json!({ "VpcId": vpcs[0], "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "us-west-2a" });
    let subnet = text(&by_others("CreateSubnet", place), "/subnet/subnetId");
    for _ in 0..5 {
        let address = text(&by_others("AllocateAddress", json!({})), "/allocationId");
        by_others("CreateNatGateway", json!({ "SubnetId": subnet, "AllocationId": address }));
    }
    let before = estate.sandbox.log().mutating();
    let outcome = estate.run(UP, Fortune::kind()).await;
    let Outcome::Refused(why) = &outcome else { panic!("{outcome}") };
    for what in ["VPCs", "internet gateways", "NAT gateways in us-west-2a"] {
        let words = format!("quota of {what}: 5 of 5 are in use, and the plan makes 1 more");
        assert!(why.contains(&words), "{words}: {why}");
    }
    assert_eq!(estate.sandbox.log().mutating(), before);
}

#[tokio::test(start_paused = true)]
async fn the_quotas_of_the_network_are_asked_for_where_it_is_made() {
    let estate = Estate::new(55);
    let calls = || {
        let log = estate.sandbox.log();
        ["GetServiceQuota", "GetAWSDefaultServiceQuota"].map(|operation| log.count(operation))
    };
    assert!(estate.run(UP, Fortune::kind()).await.is_success());
    assert_eq!(calls(), [3, 1]);
    assert!(estate.run(Command::Up(Configuration::InPlace), Fortune::kind()).await.is_success());
    assert_eq!(calls(), [3, 1], "what changes where it is makes nothing that counts");
    let zones = ["us-west-2a", "us-west-2b"];
    let steps = zones.map(|zone| {
        json!({ "address": format!("network.nat-gateway.{zone}"), "kind": "ec2.nat_gateway", "action": "create" })
    });
    let plan: Plan = serde_json::from_value(json!(steps)).expect("a plan");
    let found = diagnosis(&estate, Configuration::Shipped, USER, &plan).await;
    let told = found.iter().filter(|it| it.subject.starts_with("quota of NAT"));
    let told: Vec<_> = told.map(|it| (it.subject.as_str(), &it.verdict)).collect();
    let good = |used: u8| Verdict::Good { seen: format!("{used} of 5 in use, 1 to be made") };
    assert_eq!(
        told,
        [
            ("quota of NAT gateways in us-west-2a", &good(1)),
            ("quota of NAT gateways in us-west-2b", &good(0))
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn only_what_is_no_node_type_at_all_is_in_the_way_of_a_cache() {
    let config = |node_type: &str| Configuration::own(&format!("[cache]\nnode_type = \"{node_type}\"\n"));
    let estate = Estate::new(53);
    let verdict = async |node_type: &str| {
        let found = findings_of(&estate, config(node_type), USER).await;
        let found = found.into_iter().find(|it| it.subject.starts_with("node type "));
        found.expect("it is looked at").verdict
    };
    assert!(matches!(verdict("cache.r7g.2xlarge").await, Verdict::Good { .. }));
    // A type can be had before it can be reserved, so that nobody is kept from it.
    for doubtful in ["cache.c7gn.large", "cache.t9g.micro"] {
        let verdict = verdict(doubtful).await;
        assert!(matches!(&verdict, Verdict::Unknown { why } if why.contains("reservations")), "{verdict:?}");
    }
    let new = Command::Up(config("cache.c7gn.large"));
    assert!(Estate::new(53).run(new, Fortune::kind()).await.is_success());
    let misspelt = estate.run(Command::Up(config("cache.t4g.mirco")), Fortune::kind()).await;
    let Outcome::Refused(why) = &misspelt else { panic!("{misspelt}") };
    assert!(why.contains("node type cache.t4g.mirco of the cache: ElastiCache does not know it"), "{why}");
    assert!(why.contains("correct `cache.node_type`"), "{why}");
    assert_eq!(estate.sandbox.log().mutating(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_not_issued_stops_a_run_with_what_to_do_about_it() {
    let record = "create the DNS record `_3639ac514e785e898d2646601fa951d5.sidekick.example.com. CNAME \
                  _98d2646601fa951d53639ac514e785e8.acm-validations.aws.`, and wait";
    let another = "request or import another certificate";
    for (start, words, hint) in [
        ("00000000", "there is none of this ARN", another),
        ("00000001", "nobody has shown yet that sidekick.example.com is theirs", record),
        ("00000002", "it has expired", another),
        ("00000003", "its request has failed: CAA_ERROR", another),
        ("00000004", "it was revoked: KEY_COMPROMISE", another),
        ("00000005", "nobody has shown in time", another),
    ] {
        let estate = Estate::new(48);
        let outcome = estate.run(Command::Up(https(start)), Fortune::kind()).await;
        let Outcome::Refused(why) = &outcome else { panic!("{start}: {outcome}") };
        assert!(why.contains(words) && why.contains(hint), "{start}: {why}");
        assert_eq!(
            (estate.sandbox.log().mutating(), why.matches("DNS record").count() <= 1),
            (0, true),
            "{why}"
        );
    }
    let estate = Estate::new(48);
    assert!(estate.run(Command::Up(https("12345678")), Fortune::kind()).await.is_success());
    assert_eq!(estate.sandbox.log().count("DescribeCertificate"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_looked_at_where_it_is_given_to_a_listener() {
    let estate = Estate::new(49);
    let expired = https("00000002");
    let arn = expired.get().alb.certificate_arn.clone().expect("it has one");
    let other = arn.replace("00000002", "12345678");
    let listener = |change: Value| {
        let [address, kind] = ["edge.https-listener", "elbv2.listener"];
        step(json!({ "address": address, "kind": kind, "action": "update", "changes": [change] }))
    };
    let of = |certificate: &str| json!({ "Https": { "certificate": certificate, "ssl_policy": "x" } });
    let protocol =
        |old: &str| json!({ "field": "protocol", "old": of(old), "new": of(&arn), "replaces": false });
    let tags = json!({ "field": "tags", "old": {}, "new": { "Team": "games" }, "replaces": false });
    let image = json!({ "address": "compute.service", "kind": "ecs.service", "action": "create" });
    for (plan, is_looked_at) in [
        (listener(protocol(&other)), true),
        (listener(protocol(&arn)), false),
        (listener(tags), false),
        (step(image), false),
        (Plan::default(), true),
    ] {
        let found = diagnosis(&estate, expired, USER, &plan).await;
        let problems = found.iter().filter_map(Finding::problem);
        let told = problems.filter(|(what, _)| *what == format!("certificate {arn}: it has expired"));
        assert_eq!(told.count() == 1, is_looked_at, "{found:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_of_another_account_is_none_for_a_load_balancer_and_needs_no_call() {
    let estate = Estate::new(50);
    let arn = "arn:aws:acm:us-west-2:210987654321:certificate/12345678-1234-1234-1234-123456789012";
    let file = format!(
        "[public_alb]\nenabled = true\nallowed_cidrs = [\"203.0.113.0/24\"]\ncertificate_arn = \"{arn}\"\n"
    );
    let outcome = estate.run(Command::Up(Configuration::own(&file)), Fortune::kind()).await;
    let Outcome::Refused(why) = &outcome else { panic!("{outcome}") };
    assert!(why.contains("it is of account 210987654321"), "{why}");
    assert_eq!(estate.sandbox.log().count("DescribeCertificate"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_only_reads_beforehand_and_what_has_nothing_to_do_looks_no_further() {
    let estate = Estate::new(44);
    assert!(estate.run(UP, Fortune::kind()).await.is_success());
    assert!(estate.sandbox.log().refused_for(Reason::DryRun).is_empty());
    let before = estate.sandbox.logged();
    assert!(estate.run(UP, Fortune::kind()).await.is_success());
    let log = estate.sandbox.log_since(before);
    let looks = ["DescribeAccountAttributes", "DescribeAccountLimits", "SimulatePrincipalPolicy"];
    let more = log.0.iter().filter(|call| looks.contains(&call.operation.as_str()));
    assert_eq!(more.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_may_not_simulate_is_told_by_dry_runs_what_is_denied() {
    for action in
        ["ec2:AllocateAddress", "ec2:CreateInternetGateway", "ec2:CreateNatGateway", "ec2:CreateVpc"]
    {
        let estate = Estate::new(51);
        deny(&estate, &["iam:SimulatePrincipalPolicy", action]);
        let outcome = estate.run(UP, Fortune::kind()).await;
        let Outcome::Refused(why) = &outcome else { panic!("{outcome}") };
        let words = format!("permission {action}: ec2 ");
        assert!(why.contains(&words) && why.contains("sidekick iam policy"), "{why}");
        assert_eq!((estate.sandbox.log().mutating(), estate.world().census()), (0, [].into()));
    }
}

#[tokio::test(start_paused = true)]
async fn dry_runs_take_the_place_of_a_simulation_that_is_denied_and_of_no_other() {
    let estate = Estate::new(52);
    deny(&estate, &["iam:SimulatePrincipalPolicy"]);
    assert!(estate.run(UP, Fortune::kind()).await.is_success());
    let log = estate.sandbox.log();
    let dry: BTreeSet<_> =
        log.refused_for(Reason::DryRun).iter().map(|call| call.operation.clone()).collect();
    let asked = ["AllocateAddress", "CreateInternetGateway", "CreateVpc"];
    assert_eq!(dry, asked.map(str::to_owned).into());
    let untold =
        log.refused_for(Reason::Absent).into_iter().filter(|call| call.operation == "CreateNatGateway");
    assert_eq!(untold.count(), 1, "one is asked for, in a subnet that nobody has");
    assert_eq!(estate.findings(), [""; 0]);
    // What fails for another reason may be no AWS at all.
    let estate = Estate::new(52);
    let faults = Faults { server_error: 1.0, ..Faults::default() };
    estate.sandbox.set_faults(faults).expect("a world in memory can be written");
    let steps: Vec<_> = ["ec2.vpc", "ec2.nat_gateway"]
        .map(|kind| json!({ "address": kind, "kind": kind, "action": "create" }))
        .into();
    let plan: Plan = serde_json::from_value(json!(steps)).expect("a plan");
    diagnosis(&estate, Configuration::Shipped, USER, &plan).await;
    let log = estate.sandbox.log();
    assert_eq!(
        (log.count("SimulatePrincipalPolicy"), log.count("CreateVpc"), log.count("CreateNatGateway")),
        (1, 0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_diagnosis_asks_ec2_in_dry_runs_which_change_nothing() {
    let estate = Estate::new(46);
    let made = ["ec2.elastic_ip", "ec2.internet_gateway"];
    let steps = made.map(|kind| json!({ "address": kind, "kind": kind, "action": "create" }));
    let plan: Plan = serde_json::from_value(json!(steps)).expect("a plan");
    let found = diagnosis(&estate, Configuration::Shipped, USER, &plan).await;
    let allowed = |it: &&Finding| it.subject.starts_with("permission ec2:") && it.problem().is_none();
    assert_eq!(found.iter().filter(allowed).count(), 2, "{found:?}");
    let dry = estate.sandbox.log().refused_for(Reason::DryRun).len();
    assert_eq!((dry, estate.sandbox.log().mutating()), (2, 0));
    assert_eq!(estate.world().census(), [].into());
}

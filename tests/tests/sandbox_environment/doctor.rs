//! What is found out before anything is changed, and the policies that an operator is given.

use serde_json::{Value, json};
use sidekick_sandbox::Faults;

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    a_doctor_finds_nothing_in_the_way_of_a_fresh_or_standing_environment,
    all_that_is_in_the_way_is_told_together_and_stops_up,
    quotas_names_and_permissions_that_are_mended_let_up_go_on,
    a_standing_image_is_found_in_its_repository,
    policies_are_printed_without_any_account,
];

/// The image of a repository of the account itself.
const IMAGE: &str = "123456789012.dkr.ecr.us-west-2.amazonaws.com/apps:v1";

fn a_doctor_finds_nothing_in_the_way_of_a_fresh_or_standing_environment() -> Shown {
    let desk = Desk::new()?;
    let fresh = desk.run("doctor").ends_with(0)?.says(&[
        "ok      credentials: arn:aws:iam::123456789012:user/sandbox",
        "ok      quota of VPCs: 0 of 5 in use, 1 to be made",
        "ok      quota of internet gateways: 0 of 5 in use, 1 to be made",
        "ok      quota of NAT gateways in us-west-2a: 0 of 5 in use, 1 to be made",
        "ok      quota of Elastic IPs: 0 of 5 in use, 1 to be made",
        "ok      quota of databases: 0 of 40 in use, 1 to be made",
        "ok      quota of load balancers: 0 of 50 in use, 1 to be made",
        "ok      quota of roles: 0 of 1000 in use, 2 to be made",
        "ok      name of the secret sidekick/app/credentials: free",
        "unknown image ghcr.io/0xsequence/sidekick:wip-aws-infra: it is in a registry that AWS cannot tell of",
        "ok      class db.t4g.micro of the database: offered in us-west-2a, us-west-2b",
        "ok      node type cache.t4g.micro of the cache: ElastiCache has it in us-west-2",
        "ok      permission ec2:CreateInternetGateway: allowed",
        "Nothing is in the way.",
    ])?;
    assert!(!fresh.stdout.contains("problem"), "{fresh}");
    assert_eq!(desk.world()?.census(), [].into(), "a doctor changes nothing");
    desk.brings("up")?;
    let before = desk.snapshot()?;
    desk.run("doctor").ends_with(0)?.says(&["quota of Elastic IPs: 1 of 5 in use, 0 to be made"])?;
    let told = desk.run("doctor --output json").ends_with(0)?;
    assert_eq!(told.json("well")?, true);
    desk.is_unchanged_since(&before)?;
    Ok(())
}

fn all_that_is_in_the_way_is_told_together_and_stops_up() -> Shown {
    let desk = Desk::new()?;
    let aws = desk.aws()?;
    for _ in 0..5 {
        desk.call("ec2", "AllocateAddress", json!({}))?;
    }
    desk.call("ecr", "CreateRepository", json!({ "repositoryName": "apps" }))?;
    let secret = json!({ "Name": "sidekick/redis/credentials" });
    desk.call("secretsmanager", "CreateSecret", secret)?;
    desk.call("secretsmanager", "DeleteSecret", json!({ "SecretId": "sidekick/redis/credentials" }))?;
    let denied = ["ec2:CreateInternetGateway", "wafv2:CreateWebACL"].map(str::to_owned);
    aws.set_faults(Faults { denied: denied.into(), ..Faults::default() })?;
    desk.place.edit("default.toml", "ghcr.io/0xsequence/sidekick:wip-aws-infra", IMAGE)?;
    desk.place.edit("default.toml", "db.t4g.micro", "db.t4g.nano")?;
    let reasons = [
        "quota of Elastic IPs: 5 of 5 are in use, and the plan makes 1 more",
        "name of the secret sidekick/redis/credentials: a secret sidekick/redis/credentials that is not this stack's",
        "image 123456789012.dkr.ecr.us-west-2.amazonaws.com/apps:v1: the repository apps of account 123456789012",
        "class db.t4g.nano of the database: RDS does not offer db.t4g.nano for PostgreSQL in us-west-2",
        "a policy denies ec2:CreateInternetGateway, wafv2:CreateWebACL",
        "hint: raise the quota in Service Quotas",
        "delete-secret --secret-id sidekick/redis/credentials --force-delete-without-recovery",
        "hint: push the image",
        "hint: choose another `database.instance_class`",
        "hint: give the identity that runs sidekick this permission; `sidekick iam policy` prints",
    ];
    let before = desk.world()?;
    let of_a_dry_run =
        "permission ec2:CreateInternetGateway: ec2 CreateInternetGateway: UnauthorizedOperation";
    let told = desk.run("doctor").ends_with(1)?.says(&reasons)?;
    told.says(&[
        of_a_dry_run,
        "ok      permission ec2:AllocateAddress: allowed",
        "6 problems are in the way",
    ])?;
    desk.run("up --yes").ends_with(2)?.says(&reasons)?.says(&["would not let this plan be carried out"])?;
    assert_eq!(before.differences(&desk.world()?), [""; 0], "nothing was changed");
    assert_eq!(desk.recorded()?, [""; 0]);
    Ok(())
}

fn quotas_names_and_permissions_that_are_mended_let_up_go_on() -> Shown {
    let desk = Desk::new()?;
    let aws = desk.aws()?;
    let denied = ["ec2:DescribeVpcs", "rds:Describe*"].map(str::to_owned);
    aws.set_faults(Faults { denied: denied.into(), ..Faults::default() })?;
    // What cannot be looked at is told with all else.
    desk.run("doctor").ends_with(1)?.says(&[
        "problem network.vpc: ec2 DescribeVpcs: UnauthorizedOperation",
        "unknown quotas of RDS: rds DescribeAccountAttributes: AccessDenied",
        "ok      quota of Elastic IPs: 0 of 5",
    ])?;
    for number in 0..50 {
        let name = format!("others-{number}");
        let group = json!({ "DBParameterGroupName": name, "DBParameterGroupFamily": "postgres17", "Description": "x" });
        desk.call("rds", "CreateDBParameterGroup", group)?;
    }
    aws.set_faults(Faults::default())?;
    desk.place.append("dev.toml", "[database.parameters]\nlog_min_duration_statement = 500\n")?;
    let full = "quota of database parameter groups: 50 of 50 are in use, and the plan makes 1 more";
    desk.run("up --yes").ends_with(2)?.says(&[full])?;
    desk.call("rds", "DeleteDBParameterGroup", json!({ "DBParameterGroupName": "others-7" }))?;
    desk.brings("up")?;
    desk.is_settled().map_err(Into::into)
}

fn a_standing_image_is_found_in_its_repository() -> Shown {
    let desk = Desk::new()?;
    desk.call("ecr", "CreateRepository", json!({ "repositoryName": "apps" }))?;
    let image = json!({ "repositoryName": "apps", "imageManifest": "{}", "imageTag": "v1" });
    desk.call("ecr", "PutImage", image)?;
    desk.place.edit("default.toml", "ghcr.io/0xsequence/sidekick:wip-aws-infra", IMAGE)?;
    desk.run("doctor").ends_with(0)?.says(&[&format!("ok      image {IMAGE}: there")])?;
    desk.place.edit("default.toml", "apps:v1", "apps:v2")?;
    desk.run("doctor").ends_with(1)?.says(&["problem image", "apps:v2: the repository apps of account"])?;
    desk.place.edit("default.toml", "desired_count = 1", "desired_count = 0")?;
    desk.run("doctor").ends_with(0)?.says(&["unknown image", "no task needs it"])?;
    // The environment's own repository is empty before it is there.
    desk.place.edit("default.toml", "[repository]\nenabled = false", "[repository]\nenabled = true")?;
    desk.place.edit("default.toml", "amazonaws.com/apps:v2", "amazonaws.com/sidekick:v1")?;
    desk.run("doctor")
        .ends_with(0)?
        .says(&["unknown image", "its repository is made with the environment"])?;
    Ok(())
}

fn policies_are_printed_without_any_account() -> Shown {
    let desk = Desk::new()?;
    let mut sizes = Vec::new();
    for purpose in ["up", "plan", "down"] {
        let told = desk.place.sidekick(&["iam", "policy", "--for", purpose]).ends_with(0)?;
        let policy: Value = serde_json::from_str(&told.stdout)?;
        assert_eq!(policy["Version"], "2012-10-17");
        let again =
            desk.place.sidekick(&["iam", "policy", "--for", purpose, "--output", "json"]).ends_with(0)?;
        assert_eq!(serde_json::from_str::<Value>(&again.stdout)?, policy);
        sizes.push(told.stdout.chars().filter(|c| !c.is_whitespace()).count());
        let has = |action: &str| told.stdout.contains(&format!("\"{action}\""));
        assert!(has("ec2:DescribeVpcs"));
        assert_eq!((has("ec2:CreateVpc"), has("ec2:DeleteVpc")), (purpose == "up", purpose != "plan"));
        assert!(told.stdout.contains("arn:aws:secretsmanager:us-west-2:*:secret:sidekick*"), "{told}");
    }
    // An inline policy of a role may have 10240 characters, a managed one 6144.
    assert!(sizes[0] <= 10_240 && sizes[1] <= 6_144 && sizes[2] <= 6_144, "{sizes:?}");
    desk.place.append("dev.toml", "[roles]\ntask = \"another-role\"")?;
    desk.place.edit(
        "default.toml",
        "allowed_account_ids = []",
        "allowed_account_ids = [\"123456789012\"]",
    )?;
    let told = desk.place.sidekick(&["iam", "policy"]).ends_with(0)?;
    told.says(&[
        "\"arn:aws:iam::123456789012:role/sidekick-dev/*\"",
        "\"iam:PassedToService\"",
        "\"aws:ResourceTag/sidekick:stack\"",
    ])?;
    desk.run("iam policy --for nothing").ends_with(2)?;
    Ok(())
}

"""The sandbox seen from outside: boto3 describes what `sidekick up` made, and tries what AWS refuses.

Endpoint and credentials come from the environment. The Rust suite starts the server and runs this file; it checks
afterwards that nothing of what is tried here has happened.
"""

import json
import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def client(service):
    return boto3.client(service, config=Config(retries={"total_max_attempts": 1}))


EC2, ECS, ELBV2, RDS = map(client, ("ec2", "ecs", "elbv2", "rds"))
ELASTICACHE, LOGS, SECRETS, WAF, IAM = map(client, ("elasticache", "logs", "secretsmanager", "wafv2", "iam"))


def vpc():
    (found,) = EC2.describe_vpcs(Filters=[{"Name": "tag:sidekick:stack", "Values": ["sidekick/dev"]}])["Vpcs"]
    return found["VpcId"]


def in_vpc():
    return [{"Name": "vpc-id", "Values": [vpc()]}]


def group(name):
    by_name = {"Name": "group-name", "Values": [name]}
    (found,) = EC2.describe_security_groups(Filters=[*in_vpc(), by_name])["SecurityGroups"]
    return found


def load_balancer():
    (found,) = ELBV2.describe_load_balancers(Names=["sidekick-alb"])["LoadBalancers"]
    return found


def target_group():
    (found,) = ELBV2.describe_target_groups(Names=["sidekick-tg"])["TargetGroups"]
    return found


class WhatUpMade(unittest.TestCase):
    """The reference environment, as another program sees it."""

    def test_the_network_has_its_attributes_subnets_and_routes(self):
        for attribute in ("enableDnsSupport", "enableDnsHostnames"):
            answer = EC2.describe_vpc_attribute(VpcId=vpc(), Attribute=attribute)
            self.assertIs(answer[attribute[0].upper() + attribute[1:]]["Value"], True)
        subnets = EC2.describe_subnets(Filters=in_vpc())["Subnets"]
        placed = sorted((subnet["CidrBlock"], subnet["AvailabilityZone"]) for subnet in subnets)
        zones = ["us-west-2a", "us-west-2b", "us-west-2a", "us-west-2b", "us-west-2a"]
        self.assertEqual(placed, [(f"10.0.{number}.0/24", zone) for number, zone in enumerate(zones, start=1)])
        (gateway,) = EC2.describe_nat_gateways(Filter=in_vpc())["NatGateways"]
        self.assertEqual(gateway["State"], "available")
        tables = EC2.describe_route_tables(Filters=in_vpc())["RouteTables"]
        defaults = sorted(
            (route.get("NatGatewayId") or route.get("GatewayId"))[:4]
            for table in tables
            for route in table["Routes"]
            if route.get("DestinationCidrBlock") == "0.0.0.0/0"
        )
        self.assertEqual(defaults, ["igw-", "nat-"])

    def test_the_security_groups_admit_whom_they_should(self):
        def ingress(name):
            return sorted(
                (rule["FromPort"], *(source["CidrIp"] for source in rule["IpRanges"]))
                for rule in group(name)["IpPermissions"]
                if rule["IpRanges"]
            )

        self.assertEqual(ingress("sidekick-postgres-sg"), [(5432, "10.0.0.0/16")])
        self.assertEqual(ingress("sidekick-redis-sg"), [(6379, "10.0.0.0/16")])
        self.assertEqual(ingress("sidekick-alb-sg"), [(port, "0.0.0.0/0") for port in (80, 443, 7500)])
        (peers,) = [rule for rule in group("sidekick-ecs-service-sg")["IpPermissions"] if rule["IpRanges"]]
        self.assertEqual(len(peers["IpRanges"]), 3)

    def test_database_and_cache_are_available_and_private(self):
        (database,) = RDS.describe_db_instances(DBInstanceIdentifier="sidekick-postgres")["DBInstances"]
        self.assertEqual((database["DBInstanceStatus"], database["Engine"]), ("available", "postgres"))
        self.assertIs(database["PubliclyAccessible"], False)
        self.assertIs(database["StorageEncrypted"], True)
        groups = ELASTICACHE.describe_replication_groups(ReplicationGroupId="sidekick-redis")["ReplicationGroups"]
        (cache,) = groups
        self.assertEqual((cache["Status"], len(cache["MemberClusters"])), ("available", 2))

    def test_the_edge_forwards_to_a_healthy_task_behind_a_web_acl(self):
        alb = load_balancer()
        self.assertEqual((alb["State"]["Code"], alb["Scheme"]), ("active", "internal"))
        (listener,) = ELBV2.describe_listeners(LoadBalancerArn=alb["LoadBalancerArn"])["Listeners"]
        (action,) = listener["DefaultActions"]
        arn = target_group()["TargetGroupArn"]
        self.assertEqual((listener["Port"], action["Type"], action["TargetGroupArn"]), (80, "forward", arn))
        (target,) = ELBV2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        self.assertEqual(target["TargetHealth"]["State"], "healthy")
        acl = WAF.get_web_acl_for_resource(ResourceArn=alb["LoadBalancerArn"])["WebACL"]
        self.assertEqual((acl["Name"], len(acl["Rules"])), ("sidekick-waf", 1))

    def test_the_service_runs_as_its_task_definition_says(self):
        answer = ECS.describe_services(cluster="sidekick-cluster", services=["sidekick-service"])
        (service,) = answer["services"]
        self.assertEqual((service["status"], service["desiredCount"], service["runningCount"]), ("ACTIVE", 1, 1))
        task = ECS.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        (container,) = task["containerDefinitions"]
        sources = {secret["name"]: secret["valueFrom"] for secret in container["secrets"]}
        self.assertIn(":secret:sidekick/postgres/credentials-", sources["DATABASE_URL"])
        environment = {variable["name"]: variable["value"] for variable in container["environment"]}
        self.assertEqual(environment["PORT"], "7500")
        self.assertFalse(set(environment) & set(sources))

    def test_the_secrets_hold_their_keys(self):
        def keys(name):
            return set(json.loads(SECRETS.get_secret_value(SecretId=name)["SecretString"]))

        database = {"username", "password", "host", "port", "dbname", "DATABASE_URL"}
        self.assertEqual(keys("sidekick/postgres/credentials"), database)
        self.assertEqual(keys("sidekick/redis/credentials"), {"host", "port"})
        self.assertLessEqual({"SEQUENCE_PROJECT_ACCESS_KEY"}, keys("sidekick/app/credentials"))

    def test_logs_and_roles_are_as_configured(self):
        (logs,) = LOGS.describe_log_groups(logGroupNamePrefix="/ecs/sidekick-task")["logGroups"]
        self.assertEqual(logs["retentionInDays"], 3)
        policies = IAM.list_role_policies(RoleName="sidekick-ecs-task-execution-role")["PolicyNames"]
        self.assertEqual(sorted(policies), ["sidekick-logs-access", "sidekick-secrets-access"])


class WhatAwsRefuses(unittest.TestCase):
    """Each is refused with AWS's own code."""

    def refused(self, codes, call, **parameters):
        with self.assertRaises(ClientError) as refusal:
            call(**parameters)
        self.assertIn(refusal.exception.response["Error"]["Code"], codes)

    def test_to_delete_what_something_else_holds(self):
        self.refused({"DependencyViolation"}, EC2.delete_vpc, VpcId=vpc())
        for subnet in EC2.describe_subnets(Filters=in_vpc())["Subnets"]:
            if subnet["CidrBlock"] in ("10.0.3.0/24", "10.0.4.0/24", "10.0.5.0/24"):
                self.refused({"DependencyViolation"}, EC2.delete_subnet, SubnetId=subnet["SubnetId"])
        for name in ("sidekick-alb-sg", "sidekick-postgres-sg", "sidekick-redis-sg"):
            self.refused({"DependencyViolation"}, EC2.delete_security_group, GroupId=group(name)["GroupId"])
        (gateway,) = EC2.describe_internet_gateways(
            Filters=[{"Name": "attachment.vpc-id", "Values": [vpc()]}]
        )["InternetGateways"]
        self.refused(
            {"DependencyViolation"}, EC2.detach_internet_gateway, InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc()
        )
        self.refused({"ResourceInUse"}, ELBV2.delete_target_group, TargetGroupArn=target_group()["TargetGroupArn"])
        group_name = "sidekick-postgres-subnet-group"
        self.refused({"InvalidDBSubnetGroupStateFault"}, RDS.delete_db_subnet_group, DBSubnetGroupName=group_name)
        self.refused({"ClusterContainsServicesException"}, ECS.delete_cluster, cluster="sidekick-cluster")
        role = "sidekick-ecs-task-execution-role"
        self.refused({"DeleteConflict"}, IAM.delete_role, RoleName=role)

    def test_to_delete_a_running_service_or_an_associated_web_acl(self):
        names = {"cluster": "sidekick-cluster", "service": "sidekick-service"}
        self.refused({"InvalidParameterException"}, ECS.delete_service, **names)
        (acl,) = WAF.list_web_acls(Scope="REGIONAL")["WebACLs"]
        chosen = {"Name": acl["Name"], "Id": acl["Id"], "LockToken": acl["LockToken"]}
        self.refused({"WAFAssociatedItemException"}, WAF.delete_web_acl, Scope="REGIONAL", **chosen)
        stale = {**chosen, "LockToken": "00000000-0000-4000-8000-000000000000"}
        self.refused({"WAFOptimisticLockException"}, WAF.delete_web_acl, Scope="REGIONAL", **stale)

    def test_a_name_that_is_taken(self):
        self.refused(
            {"InvalidGroup.Duplicate"}, EC2.create_security_group, GroupName="sidekick-alb-sg", Description="x", VpcId=vpc()
        )
        self.refused(
            {"DBInstanceAlreadyExists"},
            RDS.create_db_instance,
            DBInstanceIdentifier="sidekick-postgres",
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            MasterUsername="sidekick",
            MasterUserPassword="long-enough-password",
            AllocatedStorage=20,
            DBSubnetGroupName="sidekick-postgres-subnet-group",
        )
        self.refused(
            {"DuplicateTargetGroupName"},
            ELBV2.create_target_group,
            Name="sidekick-tg",
            Protocol="HTTP",
            Port=9999,
            VpcId=vpc(),
            TargetType="ip",
        )
        self.refused({"ResourceAlreadyExistsException"}, LOGS.create_log_group, logGroupName="/ecs/sidekick-task")
        self.refused({"ResourceExistsException"}, SECRETS.create_secret, Name="sidekick/app/credentials")
        self.refused(
            {"EntityAlreadyExists"},
            IAM.create_role,
            RoleName="sidekick-ecs-task-role",
            AssumeRolePolicyDocument=json.dumps({
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                },
            }),
        )

    def test_values_that_cannot_be(self):
        group_name = "/ecs/sidekick-task"
        self.refused({"InvalidParameterException"}, LOGS.put_retention_policy, logGroupName=group_name, retentionInDays=8)
        self.refused({"InvalidSubnet.Conflict"}, EC2.create_subnet, VpcId=vpc(), CidrBlock="10.0.1.128/25")
        self.refused({"InvalidSubnet.Range"}, EC2.create_subnet, VpcId=vpc(), CidrBlock="10.9.0.0/24")
        rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
        self.refused(
            {"InvalidPermission.Duplicate"},
            EC2.authorize_security_group_ingress,
            GroupId=group("sidekick-postgres-sg")["GroupId"],
            IpPermissions=[rule],
        )
        self.refused(
            {"InvalidParameterValue"},
            RDS.modify_db_instance,
            DBInstanceIdentifier="sidekick-postgres",
            BackupRetentionPeriod=99,
            ApplyImmediately=True,
        )

    def test_a_service_whose_target_group_no_listener_forwards_to(self):
        made = ELBV2.create_target_group(Name="lonely", Protocol="HTTP", Port=80, VpcId=vpc(), TargetType="ip")
        (lonely,) = made["TargetGroups"]
        subnet = EC2.describe_subnets(Filters=in_vpc())["Subnets"][0]["SubnetId"]
        try:
            self.refused(
                {"InvalidParameterException"},
                ECS.create_service,
                cluster="sidekick-cluster",
                serviceName="lonely",
                taskDefinition="sidekick-task",
                desiredCount=1,
                launchType="FARGATE",
                networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}},
                loadBalancers=[{
                    "targetGroupArn": lonely["TargetGroupArn"],
                    "containerName": "sidekick-container",
                    "containerPort": 7500,
                }],
            )
        finally:
            ELBV2.delete_target_group(TargetGroupArn=lonely["TargetGroupArn"])

    def test_to_delete_what_is_protected(self):
        def protect(value):
            attributes = [{"Key": "deletion_protection.enabled", "Value": value}]
            ELBV2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes)

        arn = load_balancer()["LoadBalancerArn"]
        protect("true")
        try:
            self.refused({"OperationNotPermitted"}, ELBV2.delete_load_balancer, LoadBalancerArn=arn)
        finally:
            protect("false")

    def test_what_is_not_there(self):
        self.refused({"InvalidVpcID.NotFound"}, EC2.describe_vpcs, VpcIds=["vpc-00000000000000000"])
        self.refused({"DBInstanceNotFound"}, RDS.describe_db_instances, DBInstanceIdentifier="nobody")
        self.refused({"ResourceNotFoundException"}, SECRETS.get_secret_value, SecretId="nobody")
        self.refused({"NoSuchEntity"}, IAM.get_role, RoleName="nobody")


if __name__ == "__main__":
    unittest.main()

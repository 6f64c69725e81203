"""Shows, through boto3, that each repair does what its reason says, on the server of `AWS_ENDPOINT_URL`.

That is one of `tests/moto/launch.py`, or LocalStack with the plugin of this folder.
"""

import itertools
import unittest

import boto3
import moto_repairs
from botocore.exceptions import ClientError

TAGS = [{"Key": "Name", "Value": "mine"}]
COUNTER = itertools.count()


def client(service: str):
    return boto3.client(service)


class Refusal(unittest.TestCase):
    """The repairs themselves, without a server."""

    def test_what_moto_no_longer_has_cannot_be_replaced(self) -> None:
        with self.assertRaisesRegex(moto_repairs.MotoChanged, "str.no_such_method no longer exists.*a reason"):
            moto_repairs.Repair(str, "no_such_method", "a reason", None, is_new=False).apply()

    def test_what_moto_has_by_now_is_not_added(self) -> None:
        with self.assertRaisesRegex(moto_repairs.MotoChanged, "str.join exists by now.*a reason"):
            moto_repairs.Repair(str, "join", "a reason", None, is_new=True).apply()


class Check(unittest.TestCase):
    """A name of its own, a VPC, two subnets and two security groups."""

    def setUp(self) -> None:
        self.name = f"check-{next(COUNTER)}"
        self.ec2 = client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            self.ec2.create_subnet(
                VpcId=self.vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-west-2{zone}"
            )["Subnet"]["SubnetId"]
            for n, zone in enumerate("ab")
        ]
        self.groups = [
            self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
            for name in ("one", "two")
        ]

    def assert_refused(self, code: str, call, **parameters) -> None:
        with self.assertRaises(ClientError) as refused:
            call(**parameters)
        self.assertEqual(refused.exception.response["Error"]["Code"], code)

    def assert_has(self, actual: dict, **wanted) -> None:
        self.assertEqual({name: actual.get(name) for name in wanted}, wanted)


class Ec2(Check):
    def test_nat_gateways_are_found_by_tag_and_let_go_of_their_address(self) -> None:
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        gateway = self.ec2.create_nat_gateway(
            SubnetId=self.subnets[0],
            AllocationId=address,
            TagSpecifications=[{"ResourceType": "natgateway", "Tags": TAGS}],
        )["NatGateway"]["NatGatewayId"]
        for value, found in (("mine", [gateway]), ("other", [])):
            listed = self.ec2.describe_nat_gateways(Filter=[{"Name": "tag:Name", "Values": [value]}])
            self.assertEqual([each["NatGatewayId"] for each in listed["NatGateways"]], found)
        self.ec2.delete_nat_gateway(NatGatewayId=gateway)
        self.assertNotIn(
            "AssociationId", self.ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]
        )
        in_vpc = [{"Name": "vpc-id", "Values": [self.vpc]}]
        self.assertEqual(self.ec2.describe_network_interfaces(Filters=in_vpc)["NetworkInterfaces"], [])

    def test_peering_connections_are_found_by_filter(self) -> None:
        peer = self.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        connection = self.ec2.create_vpc_peering_connection(
            VpcId=self.vpc,
            PeerVpcId=peer,
            TagSpecifications=[{"ResourceType": "vpc-peering-connection", "Tags": TAGS}],
        )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        wanted = {
            "vpc-peering-connection-id": connection,
            "status-code": "pending-acceptance",
            "requester-vpc-info.vpc-id": self.vpc,
            "accepter-vpc-info.vpc-id": peer,
            "tag:Name": "mine",
        }
        for name, value in wanted.items():
            for values, count in (([value], 1), (["other"], 0)):
                listed = self.ec2.describe_vpc_peering_connections(Filters=[{"Name": name, "Values": values}])
                self.assertEqual(len(listed["VpcPeeringConnections"]), count, f"{name}={values}")

    def test_rules_are_all_answered_described_and_revoked_without_their_description(self) -> None:
        group, source = self.groups

        def permission(**pair):
            return {
                "IpProtocol": "tcp",
                "FromPort": 80,
                "ToPort": 80,
                "UserIdGroupPairs": [{"GroupId": source, **pair}],
            }

        cidr = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        for authorize in (
            self.ec2.authorize_security_group_ingress,
            self.ec2.authorize_security_group_egress,
        ):
            answer = authorize(GroupId=group, IpPermissions=[permission(Description="text"), cidr])
            self.assertEqual(
                [rule.get("Description") for rule in answer["SecurityGroupRules"]], ["text", None]
            )
        self.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[permission(), cidr])
        listed = self.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
        self.assertTrue(all(rule["IsEgress"] for rule in listed["SecurityGroupRules"]))


class Data(Check):
    def test_a_database_reads_back_as_it_was_made_and_changed(self) -> None:
        rds = client("rds")
        rds.create_db_subnet_group(
            DBSubnetGroupName=self.name, DBSubnetGroupDescription="d", SubnetIds=self.subnets
        )
        rds.modify_db_subnet_group(
            DBSubnetGroupName=self.name, DBSubnetGroupDescription="e", SubnetIds=self.subnets
        )
        listed = rds.describe_db_subnet_groups(DBSubnetGroupName=self.name)["DBSubnetGroups"]
        self.assert_has(listed[0], DBSubnetGroupDescription="e")
        asked = {"SubnetIds": self.subnets, "DBSubnetGroupName": "missing"}
        self.assert_refused("DBSubnetGroupNotFoundFault", rds.modify_db_subnet_group, **asked)
        rds.create_db_instance(
            DBInstanceIdentifier="db",
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            EngineVersion="17",
            EnablePerformanceInsights=True,
            EngineLifecycleSupport="open-source-rds-extended-support-disabled",
        )
        database = rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0]
        lifecycle = "open-source-rds-extended-support-disabled"
        self.assert_has(database, PerformanceInsightsEnabled=True, PerformanceInsightsRetentionPeriod=7)
        self.assert_has(database, EngineLifecycleSupport=lifecycle)
        self.assert_has(database["DBParameterGroups"][0], DBParameterGroupName="default.postgres17")
        rds.modify_db_instance(DBInstanceIdentifier="db", EnablePerformanceInsights=False)
        database = rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0]
        self.assert_has(database, PerformanceInsightsEnabled=False)

    def test_a_replication_group_has_members_that_change_and_go(self) -> None:
        cache = client("elasticache")
        name = {"ReplicationGroupId": "redis"}
        cache.create_cache_subnet_group(
            CacheSubnetGroupName=self.name, CacheSubnetGroupDescription="d", SubnetIds=self.subnets, Tags=TAGS
        )
        cache.create_replication_group(
            **name,
            ReplicationGroupDescription="d",
            Engine="redis",
            EngineVersion="7.1",
            NumCacheClusters=2,
            CacheSubnetGroupName=self.name,
            CacheParameterGroupName="default.redis7",
            SecurityGroupIds=self.groups[:1],
        )
        group = cache.describe_replication_groups(**name)["ReplicationGroups"][0]
        self.assert_has(group, MemberClusters=["redis-001", "redis-002"], PendingModifiedValues={})
        self.assertEqual(group["NodeGroups"][0]["ReaderEndpoint"]["Port"], 6379)
        cache.modify_replication_group(**name, SecurityGroupIds=self.groups[1:], SnapshotWindow="03:00-04:00")
        member = cache.describe_cache_clusters(CacheClusterId="redis-002", ShowCacheNodeInfo=True)[
            "CacheClusters"
        ][0]
        self.assert_has(
            member, ReplicationGroupId="redis", EngineVersion="7.1.0", CacheSubnetGroupName=self.name
        )
        self.assert_has(member, SnapshotWindow="03:00-04:00", AutoMinorVersionUpgrade=True)
        self.assert_has(member, SecurityGroups=[{"SecurityGroupId": self.groups[1], "Status": "active"}])
        self.assert_has(member["CacheParameterGroup"], CacheParameterGroupName="default.redis7")
        self.assertEqual(member["CacheNodes"][0]["Endpoint"]["Port"], 6379)
        changed = []
        for strategy in ("ROTATE", "SET"):
            cache.modify_replication_group(
                **name, AuthToken="another-token-1234", AuthTokenUpdateStrategy=strategy
            )
            group = cache.describe_replication_groups(**name)["ReplicationGroups"][0]
            self.assert_has(group, AuthTokenEnabled=True)
            changed.append(group["AuthTokenLastModifiedDate"].replace(microsecond=0))
        self.assertLess(*changed)
        for change, replicas in ((cache.increase_replica_count, 3), (cache.decrease_replica_count, 1)):
            change(**name, NewReplicaCount=replicas, ApplyImmediately=True)
            listed = cache.describe_cache_clusters()["CacheClusters"]
            self.assertEqual(len(listed), replicas + 1)
        self.assert_refused("CacheClusterNotFound", cache.describe_cache_clusters, CacheClusterId="redis-003")
        cache.delete_replication_group(**name)
        self.assert_refused("ReplicationGroupNotFoundFault", cache.describe_replication_groups, **name)
        self.assertEqual(cache.describe_cache_clusters()["CacheClusters"], [])

    def test_a_cache_subnet_group_can_change_and_go(self) -> None:
        cache = client("elasticache")
        name = {"CacheSubnetGroupName": self.name}
        cache.create_cache_subnet_group(
            **name, CacheSubnetGroupDescription="d", SubnetIds=self.subnets, Tags=TAGS
        )
        cache.modify_cache_subnet_group(**name, CacheSubnetGroupDescription="e", SubnetIds=self.subnets[1:])
        group = cache.describe_cache_subnet_groups(**name)["CacheSubnetGroups"][0]
        self.assert_has(group, CacheSubnetGroupDescription="e")
        self.assertEqual([subnet["SubnetIdentifier"] for subnet in group["Subnets"]], self.subnets[1:])
        self.assertEqual(cache.list_tags_for_resource(ResourceName=group["ARN"])["TagList"], TAGS)
        cache.delete_cache_subnet_group(**name)
        self.assert_refused("CacheSubnetGroupNotFoundFault", cache.describe_cache_subnet_groups, **name)
        self.assert_refused("CacheSubnetGroupNotFoundFault", cache.delete_cache_subnet_group, **name)

    def test_the_parameters_of_a_cache_can_change(self) -> None:
        cache = client("elasticache")
        name = {"CacheParameterGroupName": self.name}
        asked = {**name, "CacheParameterGroupFamily": "redis7", "Description": "d"}
        cache.create_cache_parameter_group(**asked, Tags=TAGS)
        self.assert_refused("CacheParameterGroupAlreadyExists", cache.create_cache_parameter_group, **asked)
        group = cache.describe_cache_parameter_groups(**name)["CacheParameterGroups"][0]
        self.assert_has(group, **asked)
        self.assertEqual(cache.list_tags_for_resource(ResourceName=group["ARN"])["TagList"], TAGS)
        values = [{"ParameterName": "databases", "ParameterValue": "32"}]
        for change, expected in (
            (cache.modify_cache_parameter_group, values),
            (cache.reset_cache_parameter_group, []),
        ):
            change(**name, ParameterNameValues=values)
            listed = cache.describe_cache_parameters(**name, Source="user")["Parameters"]
            found = [{key: each[key] for key in ("ParameterName", "ParameterValue")} for each in listed]
            self.assertEqual(found, expected)
        cache.delete_cache_parameter_group(**name)
        for call in (cache.describe_cache_parameter_groups, cache.delete_cache_parameter_group):
            self.assert_refused("CacheParameterGroupNotFound", call, **name)


class Security(Check):
    def test_a_secret_in_its_recovery_window_is_told_from_one_that_exists(self) -> None:
        secrets = client("secretsmanager")
        secrets.create_secret(Name="s")
        self.assert_refused("ResourceExistsException", secrets.create_secret, Name="s")
        secrets.delete_secret(SecretId="s", RecoveryWindowInDays=7)
        self.assert_refused("InvalidRequestException", secrets.create_secret, Name="s")

    def test_updating_a_role_leaves_alone_what_is_not_named(self) -> None:
        iam = client("iam")
        iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}", Description="d", MaxSessionDuration=7200)
        iam.update_role(RoleName="r", Description="e")
        self.assert_has(iam.get_role(RoleName="r")["Role"], Description="e", MaxSessionDuration=7200)
        iam.update_role(RoleName="r", MaxSessionDuration=3600)
        self.assert_has(iam.get_role(RoleName="r")["Role"], Description="e", MaxSessionDuration=3600)


class Edge(Check):
    def setUp(self) -> None:
        super().setUp()
        self.elb = client("elbv2")
        balancer = self.elb.create_load_balancer(Name=self.name, Scheme="internal", Subnets=self.subnets)
        self.balancer = balancer["LoadBalancers"][0]["LoadBalancerArn"]

    def test_a_load_balancer_tells_its_default_attributes(self) -> None:
        listed = self.elb.describe_load_balancer_attributes(LoadBalancerArn=self.balancer)["Attributes"]
        attributes = {each["Key"]: each["Value"] for each in listed}
        self.assert_has(
            attributes, **{"idle_timeout.timeout_seconds": "60", "deletion_protection.enabled": "false"}
        )

    def test_a_plain_listener_has_no_tls_policy(self) -> None:
        listener = self.elb.create_listener(
            LoadBalancerArn=self.balancer,
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        )
        self.assertNotIn("SslPolicy", listener["Listeners"][0])

    def test_a_web_acl_is_unique_and_knows_what_it_protects(self) -> None:
        waf = client("wafv2")
        visibility = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
        asked = {
            "Name": self.name,
            "Scope": "REGIONAL",
            "DefaultAction": {"Allow": {}},
            "VisibilityConfig": visibility,
        }
        arn = waf.create_web_acl(**asked)["Summary"]["ARN"]
        self.assert_refused("WAFDuplicateItemException", waf.create_web_acl, **asked)
        waf.associate_web_acl(WebACLArn=arn, ResourceArn=self.balancer)
        self.assertEqual(waf.list_resources_for_web_acl(WebACLArn=arn)["ResourceArns"], [self.balancer])
        gateways = waf.list_resources_for_web_acl(WebACLArn=arn, ResourceType="API_GATEWAY")
        self.assertEqual(gateways["ResourceArns"], [])


class Compute(Check):
    def setUp(self) -> None:
        super().setUp()
        self.ecs = client("ecs")
        self.ecs.create_cluster(clusterName=self.name)
        container = {"name": "a", "image": "a", "memory": 8}
        self.definitions = [
            self.ecs.register_task_definition(family=self.name, containerDefinitions=[container])[
                "taskDefinition"
            ]["taskDefinitionArn"]
            for _ in range(3)
        ]

    def cluster(self) -> dict:
        return self.ecs.describe_clusters(clusters=[self.name], include=["SETTINGS"])["clusters"][0]

    def service(self) -> dict:
        return self.ecs.describe_services(cluster=self.name, services=["s"])["services"][0]

    def test_the_settings_of_a_cluster_can_change(self) -> None:
        self.assert_has(self.cluster(), capacityProviders=[], defaultCapacityProviderStrategy=[])
        settings = [{"name": "containerInsights", "value": "enhanced"}]
        self.ecs.update_cluster_settings(cluster=self.name, settings=settings)
        self.assert_has(self.cluster(), settings=settings)

    def test_a_family_means_its_latest_active_task_definition(self) -> None:
        first, second, third = self.definitions
        newest_first = self.ecs.list_task_definitions(familyPrefix=self.name, sort="DESC")[
            "taskDefinitionArns"
        ]
        self.assertEqual(newest_first, [third, second, first])
        self.ecs.deregister_task_definition(taskDefinition=third)
        found = self.ecs.describe_task_definition(taskDefinition=self.name)["taskDefinition"]
        self.assertEqual(found["taskDefinitionArn"], second)
        for definition in (first, second):
            self.ecs.deregister_task_definition(taskDefinition=definition)
        self.assert_refused("ClientException", self.ecs.describe_task_definition, taskDefinition=self.name)

    def test_a_service_reads_back_as_asked_and_is_always_steady(self) -> None:
        asked = {
            "desiredCount": 3,
            "taskDefinition": self.definitions[0],
            "deploymentConfiguration": {"maximumPercent": 150, "minimumHealthyPercent": 50},
            "healthCheckGracePeriodSeconds": 90,
            "enableExecuteCommand": True,
            "enableECSManagedTags": True,
        }
        self.ecs.create_service(cluster=self.name, serviceName="s", launchType="FARGATE", **asked)
        self.assert_has(self.service(), **asked, availabilityZoneRebalancing="ENABLED", runningCount=3)
        self.ecs.update_service(
            cluster=self.name, service="s", desiredCount=2, taskDefinition=self.definitions[1]
        )
        steady = {
            "desiredCount": 2,
            "runningCount": 2,
            "pendingCount": 0,
            "taskDefinition": self.definitions[1],
        }
        self.assert_has(self.service(), **steady)
        self.assert_has(self.service()["deployments"][0], **steady, rolloutState="COMPLETED")
        self.assert_has(self.cluster(), activeServicesCount=1, runningTasksCount=2, pendingTasksCount=0)
        self.scales()
        self.ecs.delete_service(cluster=self.name, service="s", force=True)
        self.assert_has(self.service(), status="INACTIVE", desiredCount=0, runningCount=0)
        self.assertEqual(self.ecs.list_services(cluster=self.name)["serviceArns"], [])
        self.assert_has(self.cluster(), activeServicesCount=0, runningTasksCount=0)

    def scales(self) -> None:
        scaling = client("application-autoscaling")
        target = {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{self.name}/s",
            "ScalableDimension": "ecs:service:DesiredCount",
        }
        scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=3, Tags={"a": "1", "b": "2"})
        found = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
        arn = {"ResourceARN": found[0]["ScalableTargetARN"]}
        scaling.tag_resource(**arn, Tags={"a": "3"})
        scaling.untag_resource(**arn, TagKeys=["b"])
        self.assertEqual(scaling.list_tags_for_resource(**arn)["Tags"], {"a": "3"})
        metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
        for name in ("one", "two"):
            scaling.put_scaling_policy(
                **target,
                PolicyName=name,
                PolicyType="TargetTrackingScaling",
                TargetTrackingScalingPolicyConfiguration={
                    "TargetValue": 60,
                    "PredefinedMetricSpecification": metric,
                },
            )
        policies = scaling.describe_scaling_policies(ServiceNamespace="ecs", PolicyNames=["two"])
        self.assertEqual([policy["PolicyName"] for policy in policies["ScalingPolicies"]], ["two"])
        scaling.deregister_scalable_target(**target)
        self.assert_refused("ResourceNotFoundException", scaling.list_tags_for_resource, **arn)


if __name__ == "__main__":
    unittest.main()

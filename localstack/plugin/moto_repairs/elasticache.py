"""Repairs of ElastiCache: replication groups with members, subnet groups that can change and go, parameter groups."""

import re
from datetime import timedelta
from typing import Any

from moto.core.responses import ActionResult, EmptyResult, PaginatedResult
from moto.core.utils import utcnow
from moto.elasticache.exceptions import CacheClusterNotFound, ElastiCacheException
from moto.elasticache.models import CacheSubnetGroup, ElastiCacheBackend, ReplicationGroup
from moto.elasticache.responses import ElastiCacheResponse

from . import adds, replaces


@replaces(
    ReplicationGroup,
    "__init__",
    because="NumCacheClusters is ignored (one member, no replica), and the reader endpoint is left out",
)
def init_replication_group(original: Any, self: ReplicationGroup, *args: Any, **kwargs: Any) -> None:
    if kwargs.get("num_cache_clusters") and not kwargs.get("replicas_per_node_group"):
        kwargs["replicas_per_node_group"] = kwargs["num_cache_clusters"] - 1
    if kwargs.get("auto_minor_version_upgrade") is None:
        kwargs["auto_minor_version_upgrade"] = True
    original(self, *args, **kwargs)
    self.pending_modified_values: dict[str, Any] = {}
    for shard in self.node_groups:
        if "reader_endpoint_address" in shard:
            shard["reader_endpoint"] = {"address": shard["reader_endpoint_address"], "port": self.port}


def _full_version(version: str | None) -> str | None:
    """AWS takes `7.1` and answers `7.1.0`."""
    return f"{version}.0" if version and version.count(".") == 1 else version


def _member(group: ReplicationGroup, cluster_id: str) -> dict[str, Any]:
    node = next(
        node
        for shard in group.node_groups
        for node in shard["node_group_members"]
        if node["cache_cluster_id"] == cluster_id
    )
    return {
        "CacheClusterId": cluster_id,
        "ReplicationGroupId": group.replication_group_id,
        "CacheClusterStatus": "available",
        "CacheClusterCreateTime": group.replication_group_create_time,
        "ARN": group.arn.replace(":replicationgroup:", ":cluster:").replace(
            group.replication_group_id, cluster_id
        ),
        "Engine": group.engine,
        "EngineVersion": _full_version(group.engine_version),
        "CacheNodeType": group.cache_node_type,
        "NumCacheNodes": 1,
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.cache_parameter_group_name,
            "ParameterApplyStatus": "in-sync",
        },
        "SecurityGroups": [
            {"SecurityGroupId": group_id, "Status": "active"} for group_id in group.security_group_ids or []
        ],
        "AutoMinorVersionUpgrade": group.auto_minor_version_upgrade,
        "PreferredMaintenanceWindow": group.preferred_maintenance_window,
        "SnapshotRetentionLimit": group.snapshot_retention_limit,
        "SnapshotWindow": group.snapshot_window,
        "TransitEncryptionEnabled": group.transit_encryption_enabled,
        "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
        "AuthTokenEnabled": group.auth_token_enabled,
        "PendingModifiedValues": {},
        "CacheNodes": [
            {
                "CacheNodeId": node["cache_node_id"],
                "CacheNodeStatus": "available",
                "ParameterGroupStatus": "in-sync",
                "Endpoint": node.get("read_endpoint", {"address": cluster_id, "port": group.port}),
            }
        ],
    }


@replaces(
    ElastiCacheResponse,
    "describe_cache_clusters",
    because="the members of a replication group are unknown; only they tell its version and security groups",
)
def describe_cache_clusters(_: Any, self: Any) -> ActionResult:
    wanted = self._get_param("CacheClusterId")
    members = [
        _member(group, cluster_id)
        for group in self.elasticache_backend.replication_groups.values()
        for cluster_id in group.member_clusters
        if wanted in (None, cluster_id)
    ]
    alone = [
        cluster
        for cluster in self.elasticache_backend.cache_clusters.values()
        if wanted in (None, cluster.cache_cluster_id)
    ]
    if wanted and not members and not alone:
        raise CacheClusterNotFound(wanted)
    if not self._get_bool_param("ShowCacheNodeInfo"):
        for member in members:
            del member["CacheNodes"]
    return PaginatedResult({"CacheClusters": members + alone})


@adds(
    ElastiCacheResponse,
    "modify_replication_group",
    because="ModifyReplicationGroup is not implemented",
    only_in="moto-ext",
)
def modify_replication_group_at_all(self: Any) -> ActionResult:
    group_id = self._get_param("ReplicationGroupId")
    group = self.elasticache_backend.describe_replication_groups(replication_group_id=group_id)[0]
    changes = {
        "description": self._get_param("ReplicationGroupDescription"),
        "engine": self._get_param("Engine"),
        "cache_node_type": self._get_param("CacheNodeType"),
        "snapshot_retention_limit": self._get_int_param("SnapshotRetentionLimit"),
    }
    for attribute, parameter in (
        ("automatic_failover", "AutomaticFailoverEnabled"),
        ("multi_az", "MultiAZEnabled"),
    ):
        enabled = self._get_bool_param(parameter)
        changes[attribute] = None if enabled is None else "enabled" if enabled else "disabled"
    for attribute, value in changes.items():
        if value is not None:
            setattr(group, attribute, value)
    return ActionResult({"ReplicationGroup": group})


# The parameters of ModifyReplicationGroup that moto does not know, and the attributes that hold them.
MODIFIABLE = {
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "EngineVersion": "engine_version",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SecurityGroupIds": "security_group_ids",
    "SnapshotWindow": "snapshot_window",
    "SnapshottingClusterId": "snapshotting_cluster_id",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
    "TransitEncryptionMode": "transit_encryption_mode",
}


@replaces(
    ElastiCacheResponse,
    "modify_replication_group",
    because="security groups, engine version, parameter group, windows and token are accepted and forgotten",
)
def modify_replication_group(original: Any, self: Any) -> ActionResult:
    result = original(self)
    group = self.elasticache_backend.replication_groups[self._get_param("ReplicationGroupId")]
    for parameter, attribute in MODIFIABLE.items():
        value = self._get_param(parameter)
        if value is not None:
            setattr(group, attribute, value)
    if self._get_param("AuthToken") is not None:
        before = group.auth_token_last_modified_date
        group.auth_token_enabled = True
        # AWS needs minutes for it, so no two changes are of the same second.
        group.auth_token_last_modified_date = max(utcnow(), before + timedelta(seconds=1)) if before else utcnow()
    return result


def _scale(self: Any) -> ActionResult:
    group_id = self._get_param("ReplicationGroupId")
    group = self.elasticache_backend.describe_replication_groups(replication_group_id=group_id)[0]
    group.member_clusters.clear()
    for shard in group.node_groups:
        shard["node_group_members"].clear()
        group._set_node_members_clusters_disabled(
            member_clusters=group.member_clusters,
            replication_group_id=group_id,
            replication_group_domain=shard["primary_endpoint_address"].removeprefix("master."),
            node_group=shard,
            preferred_cache_cluster_azs=[],
            num_cache_clusters=0,
            replicas_per_node_group=self._get_int_param("NewReplicaCount"),
        )
    return ActionResult({"ReplicationGroup": group})


adds(ElastiCacheResponse, "increase_replica_count", because="IncreaseReplicaCount is not implemented")(_scale)
adds(ElastiCacheResponse, "decrease_replica_count", because="DecreaseReplicaCount is not implemented")(_scale)


@replaces(
    ElastiCacheBackend,
    "delete_replication_group",
    because="a deleted group stays `deleting` for good",
)
def delete_replication_group(
    original: Any, self: Any, replication_group_id: str, *args: Any, **kwargs: Any
) -> Any:
    group = original(self, replication_group_id, *args, **kwargs)
    del self.replication_groups[replication_group_id]
    self.tagging_service.delete_all_tags_for_resource(group.arn)
    return group


def _existing_subnet_group(self: Any) -> CacheSubnetGroup:
    return self.elasticache_backend.describe_cache_subnet_groups(self._get_param("CacheSubnetGroupName"))[0]


@adds(
    ElastiCacheResponse,
    "modify_cache_subnet_group",
    because="ModifyCacheSubnetGroup is not implemented",
)
def modify_cache_subnet_group(self: Any) -> ActionResult:
    existing = _existing_subnet_group(self)
    modified = CacheSubnetGroup(
        account_id=self.current_account,
        region_name=self.region,
        cache_subnet_group_name=existing.cache_subnet_group_name,
        cache_subnet_group_description=self._get_param("CacheSubnetGroupDescription")
        or existing.cache_subnet_group_description,
        subnet_ids=self._get_param("SubnetIds") or existing.subnet_ids,
        tags=existing.tags,
    )
    self.elasticache_backend.cache_subnet_groups[existing.cache_subnet_group_name] = modified
    return ActionResult({"CacheSubnetGroup": modified})


@adds(
    ElastiCacheResponse,
    "delete_cache_subnet_group",
    because="DeleteCacheSubnetGroup is not implemented",
)
def delete_cache_subnet_group(self: Any) -> ActionResult:
    group = _existing_subnet_group(self)
    del self.elasticache_backend.cache_subnet_groups[group.cache_subnet_group_name]
    self.elasticache_backend.tagging_service.delete_all_tags_for_resource(group.arn)
    return EmptyResult()


class CacheParameterGroupNotFound(ElastiCacheException):
    code = "CacheParameterGroupNotFound"

    def __init__(self, name: str) -> None:
        super().__init__(f"CacheParameterGroup {name} not found.")


class CacheParameterGroupAlreadyExists(ElastiCacheException):
    code = "CacheParameterGroupAlreadyExists"

    def __init__(self, name: str) -> None:
        super().__init__(f"Cache parameter group {name} already exists.")


class CacheParameterGroup:
    def __init__(self, arn: str, name: str, family: str, description: str) -> None:
        self.arn = arn
        self.cache_parameter_group_name = name
        self.cache_parameter_group_family = family
        self.description = description
        self.is_global = False
        # What somebody has set; what the family says of the others is not told.
        self.parameters: dict[str, str] = {}


@replaces(
    ElastiCacheBackend,
    "__init__",
    because="there are no parameter groups, and their ARNs are said to be invalid",
)
def init_backend(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.parameter_groups: dict[str, CacheParameterGroup] = {}
    self.arn_regex = re.compile(self.arn_regex.pattern.replace("(cluster|", "(parametergroup|cluster|"))


def _existing(self: Any) -> CacheParameterGroup:
    name = self._get_param("CacheParameterGroupName")
    if name not in self.elasticache_backend.parameter_groups:
        raise CacheParameterGroupNotFound(name)
    return self.elasticache_backend.parameter_groups[name]


@adds(
    ElastiCacheResponse,
    "create_cache_parameter_group",
    because="CreateCacheParameterGroup is not implemented",
)
def create_cache_parameter_group(self: Any) -> ActionResult:
    backend, name = self.elasticache_backend, self._get_param("CacheParameterGroupName").lower()
    if name in backend.parameter_groups:
        raise CacheParameterGroupAlreadyExists(name)
    arn = f"arn:aws:elasticache:{self.region}:{self.current_account}:parametergroup:{name}"
    family, description = self._get_param("CacheParameterGroupFamily"), self._get_param("Description")
    backend.parameter_groups[name] = CacheParameterGroup(arn, name, family, description)
    backend.tagging_service.tag_resource(arn, self._get_param("Tags") or [])
    return ActionResult({"CacheParameterGroup": backend.parameter_groups[name]})


@adds(
    ElastiCacheResponse,
    "describe_cache_parameter_groups",
    because="DescribeCacheParameterGroups is not implemented",
)
def describe_cache_parameter_groups(self: Any) -> ActionResult:
    asked = self._get_param("CacheParameterGroupName")
    groups = [_existing(self)] if asked else list(self.elasticache_backend.parameter_groups.values())
    return ActionResult({"CacheParameterGroups": groups})


@adds(
    ElastiCacheResponse,
    "describe_cache_parameters",
    because="DescribeCacheParameters is not implemented",
)
def describe_cache_parameters(self: Any) -> ActionResult:
    parameters = _existing(self).parameters.items()
    told = [
        {"ParameterName": name, "ParameterValue": value, "Source": "user", "IsModifiable": True}
        for name, value in parameters
    ]
    return ActionResult({"Parameters": told})


@adds(
    ElastiCacheResponse,
    "modify_cache_parameter_group",
    because="ModifyCacheParameterGroup is not implemented",
)
def modify_cache_parameter_group(self: Any) -> ActionResult:
    group = _existing(self)
    for each in self._get_param("ParameterNameValues"):
        group.parameters[each["ParameterName"]] = each["ParameterValue"]
    return ActionResult({"CacheParameterGroupName": group.cache_parameter_group_name})


@adds(
    ElastiCacheResponse,
    "reset_cache_parameter_group",
    because="ResetCacheParameterGroup is not implemented",
)
def reset_cache_parameter_group(self: Any) -> ActionResult:
    group = _existing(self)
    for each in self._get_param("ParameterNameValues"):
        group.parameters.pop(each["ParameterName"], None)
    return ActionResult({"CacheParameterGroupName": group.cache_parameter_group_name})


@adds(
    ElastiCacheResponse,
    "delete_cache_parameter_group",
    because="DeleteCacheParameterGroup is not implemented",
)
def delete_cache_parameter_group(self: Any) -> ActionResult:
    group = _existing(self)
    del self.elasticache_backend.parameter_groups[group.cache_parameter_group_name]
    self.elasticache_backend.tagging_service.delete_all_tags_for_resource(group.arn)
    return EmptyResult()

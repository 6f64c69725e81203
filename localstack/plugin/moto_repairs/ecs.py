"""Repairs of ECS: clusters, task definitions, services that reach a steady state."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecs.exceptions import TaskDefinitionNotFoundException
from moto.ecs.models import Cluster, EC2ContainerServiceBackend, Service
from moto.ecs.responses import EC2ContainerServiceResponse

from . import adds, replaces


@replaces(
    Cluster,
    "__init__",
    because="a cluster without capacity providers has no such list, where AWS answers an empty one",
)
def init_cluster(original: Any, self: Cluster, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.capacity_providers = self.capacity_providers or []
    self.default_capacity_provider_strategy = self.default_capacity_provider_strategy or []


@adds(
    EC2ContainerServiceResponse,
    "update_cluster_settings",
    because="UpdateClusterSettings is not implemented",
)
def update_cluster_settings(self: Any) -> ActionResult:
    cluster = self.ecs_backend.update_cluster(
        cluster_name=self._get_param("cluster"),
        cluster_settings=self._get_param("settings"),
        configuration=None,
        service_connect_defaults=None,
    )
    return ActionResult({"cluster": cluster})


@replaces(
    EC2ContainerServiceBackend,
    "describe_task_definition",
    because="a family without a revision means its latest ACTIVE one; moto answers with an INACTIVE one",
)
def describe_task_definition(original: Any, self: Any, task_definition_str: str) -> Any:
    family = task_definition_str.split("/")[-1]
    if ":" in family:
        return original(self, task_definition_str)
    active = [each for each in self.task_definitions.get(family, {}).values() if each.status == "ACTIVE"]
    if not active:
        raise TaskDefinitionNotFoundException
    return max(active, key=lambda each: each.revision)


@replaces(
    EC2ContainerServiceResponse,
    "list_task_definitions",
    because="sort=DESC is ignored, so who asks for the newest revision is given the oldest",
)
def list_task_definitions(_: Any, self: Any) -> ActionResult:
    arns = self.ecs_backend.list_task_definitions(
        self._get_param("familyPrefix"), self._get_param("status", "ACTIVE")
    )
    return ActionResult({"taskDefinitionArns": arns[::-1] if self._get_param("sort") == "DESC" else arns})


def _settle(service: Service) -> None:
    """Brings a service to the state that AWS reaches in time: what runs is what is asked for."""
    service.running_count, service.pending_count = service.desired_count, 0
    for deployment in service.deployments:
        deployment.update(
            desiredCount=service.desired_count,
            runningCount=service.desired_count,
            pendingCount=0,
            taskDefinition=service.task_definition,
            networkConfiguration=service.network_configuration,
            platformVersion=service.platform_version,
            rolloutState="COMPLETED",
            rolloutStateReason=f"ECS deployment {deployment['id']} completed.",
            updatedAt=utcnow(),
        )


def _recount(backend: Any, cluster_name: str) -> None:
    cluster = backend._get_cluster(cluster_name)
    active = [
        service
        for service in backend.services.values()
        if service.cluster_arn == cluster.arn and service.status == "ACTIVE"
    ]
    cluster.active_services_count = len(active)
    cluster.running_tasks_count = sum(service.running_count for service in active)
    cluster.pending_tasks_count = 0


# What CreateService takes, moto drops, and DescribeServices has to show; with AWS's defaults.
SERVICE_DEFAULTS = {
    "deploymentConfiguration": (
        "deployment_configuration",
        {"maximumPercent": 200, "minimumHealthyPercent": 100},
    ),
    "healthCheckGracePeriodSeconds": ("health_check_grace_period_seconds", 0),
    "enableExecuteCommand": ("enable_execute_command", False),
    "enableECSManagedTags": ("enable_ecs_managed_tags", False),
    "availabilityZoneRebalancing": ("availability_zone_rebalancing", "ENABLED"),
}


@replaces(
    EC2ContainerServiceResponse,
    "create_service",
    because="half of what is asked for is dropped, and how many tasks run is a constant of the environment",
)
def create_service(original: Any, self: Any) -> ActionResult:
    result = original(self)
    cluster, name = self._get_param("cluster", "default"), self._get_param("serviceName")
    service = self.ecs_backend._get_service(cluster, name)
    for parameter, (attribute, default) in SERVICE_DEFAULTS.items():
        setattr(service, attribute, self._get_param(parameter, default))
    _settle(service)
    _recount(self.ecs_backend, cluster)
    return result


@replaces(
    EC2ContainerServiceBackend,
    "update_service",
    because="the deployment keeps the old task definition and counts, so the service is never steady again",
)
def update_service(original: Any, self: Any, service_properties: dict[str, Any]) -> Service:
    cluster = service_properties.get("cluster", "default")
    service = original(self, service_properties)
    _settle(service)
    _recount(self, cluster)
    return service


@replaces(
    EC2ContainerServiceBackend,
    "delete_service",
    because="a deleted service still shows its running tasks",
)
def delete_service(original: Any, self: Any, cluster_name: str, service_name: str, force: bool) -> Service:
    service = original(self, cluster_name, service_name, force)
    service.desired_count = 0
    _settle(service)
    _recount(self, cluster_name)
    return service


@replaces(
    EC2ContainerServiceBackend,
    "list_services",
    because="deleted services stay in the list, which AWS takes them out of at once",
)
def list_services(original: Any, self: Any, cluster_str: str, *args: Any, **kwargs: Any) -> list[str]:
    inactive = {service.arn for service in self.services.values() if service.status == "INACTIVE"}
    return [arn for arn in original(self, cluster_str, *args, **kwargs) if arn not in inactive]

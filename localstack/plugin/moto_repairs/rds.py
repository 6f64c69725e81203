"""Repairs of RDS: what an instance tells of itself, and subnet groups that survive a change."""

from typing import Any

from moto.rds.exceptions import DBSubnetGroupNotFoundError
from moto.rds.models import DBInstance, RDSBackend

from . import replaces


@replaces(
    RDSBackend,
    "modify_db_subnet_group",
    because="the group that was modified is gone afterwards",
)
def modify_db_subnet_group(original: Any, self: Any, subnet_name: str, *args: Any, **kwargs: Any) -> Any:
    if subnet_name not in self.subnet_groups:
        raise DBSubnetGroupNotFoundError(subnet_name)
    group = original(self, subnet_name, *args, **kwargs)
    self.subnet_groups[subnet_name] = group
    return group


@replaces(
    DBInstance,
    "__init__",
    because="Performance Insights and the engine's extended support are taken but not read back",
)
def init_instance(original: Any, self: DBInstance, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.engine_lifecycle_support = kwargs.get("engine_lifecycle_support", "open-source-rds-extended-support")
    self.performance_insights_enabled = kwargs.get("enable_performance_insights", False)
    if self.performance_insights_enabled:
        self.performance_insights_retention_period = kwargs.get("performance_insights_retention_period", 7)


@replaces(
    DBInstance,
    "update",
    because="switching Performance Insights on or off is not read back",
)
def update_instance(original: Any, self: DBInstance, **changes: Any) -> None:
    original(self, **changes)
    enabled = changes.get("enable_performance_insights")
    if enabled is not None:
        self.performance_insights_enabled = enabled


@replaces(
    DBInstance,
    "default_db_parameter_group_details",
    because="for engine version `17` the family comes out as `postgres`, not as `postgres17`",
)
def default_db_parameter_group_details(original: Any, self: DBInstance) -> tuple[str, str]:
    if self.engine != "postgres":
        return original(self)
    family = f"postgres{self.engine_version.split('.')[0]}"
    return family, f"default.{family}"

"""Repairs of IAM: roles."""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.responses import IamResponse

from . import replaces


@replaces(
    IamResponse,
    "update_role",
    because="what UpdateRole does not name is reset, where AWS leaves it as it is",
)
def update_role(_: Any, self: Any) -> ActionResult:
    role = self.backend.get_role(self._get_param("RoleName"))
    self.backend.update_role(
        role.name,
        self._get_param("Description", role.description),
        self._get_param("MaxSessionDuration", role.max_session_duration),
    )
    return EmptyResult()

"""Repairs of Application Auto Scaling: the tags of scalable targets, and policies by name."""

import json
from typing import Any

from moto.applicationautoscaling.models import FakeScalableTarget
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.exceptions import JsonRESTError

from . import adds, replaces


class ResourceNotFoundException(JsonRESTError):
    def __init__(self, arn: str) -> None:
        super().__init__("ResourceNotFoundException", f"No scalable target found for resource ARN: {arn}")


@replaces(
    FakeScalableTarget,
    "__init__",
    because="a target has no tags",
)
def init_target(original: Any, self: FakeScalableTarget, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.tags: dict[str, str] = {}


def _target(self: Any, arn: str) -> FakeScalableTarget:
    for targets in self.applicationautoscaling_backend.targets.values():
        for target in targets.values():
            if target.arn == arn:
                return target
    raise ResourceNotFoundException(arn)


@replaces(
    ApplicationAutoScalingResponse,
    "register_scalable_target",
    because="the tags that a target is registered with are dropped",
)
def register_scalable_target(original: Any, self: Any) -> str:
    answer = original(self)
    _target(self, json.loads(answer)["ScalableTargetARN"]).tags.update(self._get_param("Tags") or {})
    return answer


@adds(
    ApplicationAutoScalingResponse,
    "list_tags_for_resource",
    because="ListTagsForResource is not implemented",
)
def list_tags_for_resource(self: Any) -> str:
    return json.dumps({"Tags": _target(self, self._get_param("ResourceARN")).tags})


@adds(ApplicationAutoScalingResponse, "tag_resource", because="TagResource is not implemented")
def tag_resource(self: Any) -> str:
    _target(self, self._get_param("ResourceARN")).tags.update(self._get_param("Tags"))
    return "{}"


@adds(ApplicationAutoScalingResponse, "untag_resource", because="UntagResource is not implemented")
def untag_resource(self: Any) -> str:
    tags = _target(self, self._get_param("ResourceARN")).tags
    for key in self._get_param("TagKeys"):
        tags.pop(key, None)
    return "{}"


@replaces(
    ApplicationAutoScalingResponse,
    "describe_scaling_policies",
    because="the names that are asked for are ignored, so a search for one policy finds them all",
)
def describe_scaling_policies(original: Any, self: Any) -> str:
    answer, names = json.loads(original(self)), self._get_param("PolicyNames")
    policies = answer["ScalingPolicies"]
    answer["ScalingPolicies"] = [policy for policy in policies if not names or policy["PolicyName"] in names]
    return json.dumps(answer)

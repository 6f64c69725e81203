"""Repairs of WAF: duplicates by their right name, and what a web ACL protects."""

import json
from typing import Any

from moto.wafv2.exceptions import WAFNonexistentItemException, WAFv2ClientError, WAFV2DuplicateItemException
from moto.wafv2.responses import WAFV2Response

from . import adds, replaces


@replaces(
    WAFV2DuplicateItemException,
    "__init__",
    because="the error code is not AWS's, so a duplicate name is not recognised",
)
def init_duplicate_item(original: Any, self: WAFV2DuplicateItemException) -> None:
    original(self)
    WAFv2ClientError.__init__(self, "WAFDuplicateItemException", self.message)


@adds(
    WAFV2Response,
    "list_resources_for_web_acl",
    because="ListResourcesForWebACL is not implemented",
)
def list_resources_for_web_acl(self: Any) -> tuple[int, dict[str, str], str]:
    request = json.loads(self.body)
    web_acl = self.wafv2_backend.wacls.get(request["WebACLArn"])
    if web_acl is None:
        raise WAFNonexistentItemException
    kind = request.get("ResourceType", "APPLICATION_LOAD_BALANCER")
    arns = [
        arn
        for arn in web_acl.associated_resources
        if kind == "APPLICATION_LOAD_BALANCER" and ":loadbalancer/app/" in arn
    ]
    return 200, {"Content-Type": "application/json"}, json.dumps({"ResourceArns": arns})

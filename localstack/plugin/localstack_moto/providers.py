"""A provider for each service that LocalStack has none for, and moto does.

LocalStack finds them by its own entry points (`pyproject.toml`), and starts one when it is first asked for. A
provider has no code of its own: each operation of the service's model is handed to moto.
"""

from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.moto import _proxy_moto
from localstack.services.plugins import Service, aws_provider


def _over_moto(api: str) -> Service:
    model = load_service(api)
    return Service(api, skeleton=Skeleton(model, dict.fromkeys(model.operation_names, _proxy_moto)))


@aws_provider(api="application-autoscaling")
def application_autoscaling() -> Service:
    return _over_moto("application-autoscaling")


@aws_provider(api="ecr")
def ecr() -> Service:
    return _over_moto("ecr")


@aws_provider(api="ecs")
def ecs() -> Service:
    return _over_moto("ecs")


@aws_provider(api="elasticache")
def elasticache() -> Service:
    return _over_moto("elasticache")


@aws_provider(api="elbv2")
def elbv2() -> Service:
    return _over_moto("elbv2")


@aws_provider(api="rds")
def rds() -> Service:
    return _over_moto("rds")


@aws_provider(api="wafv2")
def wafv2() -> Service:
    return _over_moto("wafv2")

"""Repairs of EC2: NAT gateways, peering connections, security group rules."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.models.vpc_peering_connections import VPCPeeringConnection
from moto.ec2.responses.security_groups import SecurityGroups
from moto.ec2.responses.vpc_peering_connections import VPCPeeringConnections
from moto.ec2.utils import generic_filter, is_tag_filter

from . import adds, replaces


@replaces(
    NatGatewayBackend,
    "describe_nat_gateways",
    because="filters by tag are ignored, so a search for our own gateways finds everyone's",
)
def describe_nat_gateways(original: Any, self: Any, filters: Any, nat_gateway_ids: Any) -> Any:
    by_tag = {name: values for name, values in (filters or {}).items() if is_tag_filter(name)}
    return generic_filter(by_tag, original(self, filters, nat_gateway_ids))


@replaces(
    NatGatewayBackend,
    "delete_nat_gateway",
    because="a deleted gateway keeps its network interface and its hold on the Elastic IP for ever",
)
def delete_nat_gateway(original: Any, self: Any, nat_gateway_id: str) -> Any:
    gateway = original(self, nat_gateway_id)
    for address in self.describe_addresses():
        if address.eni is gateway._eni:
            self.disassociate_address(association_id=address.association_id)
    if gateway._eni.id in self.enis:
        self.delete_network_interface(gateway._eni.id)
    return gateway


def _side(vpc: Any, options: dict[str, Any]) -> dict[str, Any]:
    return {
        "OwnerId": vpc.owner_id,
        "Region": vpc.region,
        "VpcId": vpc.id,
        "CidrBlock": vpc.cidr_block,
        "PeeringOptions": options,
    }


for name, told in {
    "vpc_peering_connection_id": lambda self: self.id,
    "requester_vpc_info": lambda self: _side(self.vpc, self.requester_options),
    "accepter_vpc_info": lambda self: _side(self.peer_vpc, self.accepter_options),
    "status": lambda self: {"Code": self._status.code, "Message": self._status.message},
}.items():
    adds(
        VPCPeeringConnection,
        name,
        because="a connection does not tell of itself what the answer to a filtered search is made of",
        only_in="moto-ext",
    )(property(told))


def _peering_filter_value(connection: VPCPeeringConnection, name: str) -> Any:
    known = {
        "vpc-peering-connection-id": connection.id,
        "status-code": connection.status["Code"],
        "requester-vpc-info.vpc-id": connection.requester_vpc_info["VpcId"],
        "accepter-vpc-info.vpc-id": connection.accepter_vpc_info["VpcId"],
    }
    return known[name] if name in known else connection.get_filter_value(name)


@replaces(
    VPCPeeringConnections,
    "describe_vpc_peering_connections",
    because="every filter is ignored, so a search for one connection finds them all",
)
def describe_vpc_peering_connections(_: Any, self: Any) -> ActionResult:
    filters = self._filters_from_querystring()
    found = self.ec2_backend.describe_vpc_peering_connections(
        vpc_peering_ids=self._get_param("VpcPeeringConnectionIds", [])
    )
    kept = [
        connection
        for connection in found
        if all(_peering_filter_value(connection, name) in values for name, values in filters.items())
    ]
    return ActionResult({"VpcPeeringConnections": kept})


@replaces(
    SecurityGroupRule,
    "description",
    because="the description of a rule whose source is a group is stored but never shown",
)
def description(original: Any, self: SecurityGroupRule) -> str | None:
    return original(self) or self.source_group.get("Description")


def _match_fields(rule: SecurityGroupRule) -> tuple[Any, ...]:
    peer = rule.cidr_ipv4, rule.cidr_ipv6, rule.source_group.get("GroupId"), rule.prefix_list_id
    return rule.ip_protocol, rule.from_port, rule.to_port, *peer


@replaces(
    SecurityGroupRule,
    "__eq__",
    because="the description counts as part of a group source, so such a rule cannot be revoked without it",
)
def same_rule(_: Any, self: SecurityGroupRule, other: SecurityGroupRule) -> bool:
    return _match_fields(self) == _match_fields(other)


def _authorized(self: Any, authorize: Any) -> ActionResult:
    self.error_on_dryrun()
    rules = [
        rule for permission in self._process_rules_from_querystring() for rule in authorize(**permission)[0]
    ]
    return ActionResult({"Return": True, "SecurityGroupRules": rules})


@replaces(
    SecurityGroups,
    "authorize_security_group_ingress",
    because="the answer names the rules of the last permission only",
)
def authorize_security_group_ingress(_: Any, self: Any) -> ActionResult:
    return _authorized(self, self.ec2_backend.authorize_security_group_ingress)


@replaces(
    SecurityGroups,
    "authorize_security_group_egress",
    because="the answer names the rules of the last permission only",
)
def authorize_security_group_egress(_: Any, self: Any) -> ActionResult:
    return _authorized(self, self.ec2_backend.authorize_security_group_egress)

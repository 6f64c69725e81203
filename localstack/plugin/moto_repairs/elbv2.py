"""Repairs of Elastic Load Balancing: what a load balancer and a listener tell of themselves."""

from typing import Any

from moto.elbv2.models import FakeListener, FakeLoadBalancer

from . import replaces

# The attributes of a fresh application load balancer, as AWS answers them.
ALB_ATTRIBUTES = {
    "access_logs.s3.enabled": "false",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.prefix": "",
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}


@replaces(
    FakeLoadBalancer,
    "__init__",
    because="attributes that nobody has set are left out, where AWS answers their defaults",
)
def init_load_balancer(original: Any, self: FakeLoadBalancer, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    if self.type == "application":
        self.attrs.update(ALB_ATTRIBUTES)


@replaces(
    FakeListener,
    "__init__",
    because="a plain HTTP listener claims a TLS policy that nobody gave it",
)
def init_listener(original: Any, self: FakeListener, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    if self.protocol == "HTTP":
        self.ssl_policy = None

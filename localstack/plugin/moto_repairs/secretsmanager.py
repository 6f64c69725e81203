"""Repairs of Secrets Manager: the name of a secret that waits for its deletion."""

from typing import Any

from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend

from . import replaces


@replaces(
    SecretsManagerBackend,
    "create_secret",
    because="a name in its recovery window is said to exist, so who would restore it gives up",
)
def create_secret(original: Any, self: Any, name: str, *args: Any, **kwargs: Any) -> str:
    if name in self.secrets and self.secrets[name].is_deleted():
        raise InvalidRequestException(
            "You can't create this secret because a secret with this name is already scheduled for deletion."
        )
    return original(self, name, *args, **kwargs)

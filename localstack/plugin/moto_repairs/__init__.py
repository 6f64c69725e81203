"""The table of repairs: where moto would stop a tool that is right about AWS.

A repair makes moto answer as AWS answers. It never makes moto kinder than AWS, and it is not the place for
what moto merely lets pass: what AWS *refuses* is the business of the sandbox, not of moto.
Each module of this package holds the repairs of one service. Importing it enters them in `TABLE`; `apply`
puts them all in force, or fails and names the one that no longer fits.

They are in force in moto's own server (`tests/moto/launch.py`) and in LocalStack, which has a moto of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib.metadata import PackageNotFoundError, version
from typing import Any

# What the repairs are written for: moto, and the variant of it that LocalStack installs.
WRITTEN_FOR = {"moto": "5.2.5", "moto-ext": "5.1.54"}


class MotoChanged(Exception):
    """Moto is not the moto that these repairs were written for."""


@dataclass(frozen=True)
class Repair:
    """One method of moto that is replaced or added, and why."""

    owner: type
    name: str
    because: str
    method: Any
    is_new: bool
    only_in: str | None = None

    def apply(self) -> None:
        present = self.name in vars(self.owner)
        where = f"{self.owner.__module__}.{self.owner.__qualname__}.{self.name}"
        if self.is_new and present:
            raise MotoChanged(f"{where} exists by now, so this repair may be needless: {self.because}")
        if not self.is_new and not present:
            raise MotoChanged(f"{where} no longer exists, so this repair has no effect: {self.because}")
        setattr(self.owner, self.name, self.method if self.is_new else self._around_original())

    def _around_original(self) -> Any:
        original = vars(self.owner)[self.name]
        if isinstance(original, property):
            return property(lambda subject: self.method(original.fget, subject))

        @wraps(original)
        def repaired(*args: Any, **kwargs: Any) -> Any:
            return self.method(original, *args, **kwargs)

        return repaired


TABLE: list[Repair] = []


def replaces(owner: type, name: str, because: str) -> Callable[[Any], Any]:
    """Enters a method that stands in for one of moto's own; it is given that one as its first argument."""

    def enter(method: Any) -> Any:
        TABLE.append(Repair(owner, name, because, method, is_new=False))
        return method

    return enter


def adds(owner: type, name: str, because: str, only_in: str | None = None) -> Callable[[Any], Any]:
    """Enters a method or property that moto lacks, or that only one of its variants does."""

    def enter(method: Any) -> Any:
        TABLE.append(Repair(owner, name, because, method, is_new=True, only_in=only_in))
        return method

    return enter


def _installed() -> str:
    """The variant of moto that is installed here, which has to be of the right version."""
    found = {}
    for variant in WRITTEN_FOR:
        try:
            found[variant] = version(variant)
        except PackageNotFoundError:
            continue
    for variant, wanted in WRITTEN_FOR.items():
        if found == {variant: wanted}:
            return variant
    raise MotoChanged(f"the repairs are written for one of {WRITTEN_FOR}, this is {found}")


def apply() -> None:
    """Puts every repair in force; raises `MotoChanged` when moto is not the moto they are for."""
    variant = _installed()
    from . import (  # noqa: F401  (they fill the table)
        applicationautoscaling,
        ec2,
        ecs,
        elasticache,
        elbv2,
        iam,
        rds,
        secretsmanager,
        wafv2,
    )

    for repair in TABLE:
        if repair.only_in in (None, variant):
            repair.apply()

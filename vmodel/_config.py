"""What an application may say of a service that it lists: the typed configuration entry.

pydantic is imported here at the top, so this module is only imported when a VModel is made.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

from vmodel._bytes import shown
from vmodel._problems import MISSING, Problem, problems
from vmodel._resources import parse_request
from vmodel.errors import ConfigError, InvalidInfo, VModelError

Limits = Literal["enforce", "warn", "off"]
Name = Annotated[str, Field(min_length=1)]
TimedStep = Literal["prepare", "load", "test", "unload", "cleanup"]


class ServiceConfig(BaseModel):
    """One entry of the list that a VModel is made from.

    Attributes:
        package: Dotted name, module object, or path to a `.py` file or a folder of modules.
        rename: New name of the package's one service, or old names to new ones.
        settings: What the service reads as `vmodel.current().settings`.
        resources: Takes the place of the resources that the service declares.
        limits: `"enforce"`, `"warn"` or `"off"`; None takes the VModel's.
        max_concurrency: Calls inside at once; None means unlimited; unset means the protocol's default.
        pin: Never stop the service except by name.
        keep_alive: Seconds to stay loaded after the last call; None means until room is needed.
        timeouts: Seconds that a step may take.
        engine: Where the service lives.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    package: str | Path | ModuleType
    rename: Name | dict[str, Name] | None = None
    settings: dict[str, object] = {}
    resources: dict[str, object] | None = None
    limits: Limits | None = None
    max_concurrency: PositiveInt | None = None
    pin: bool = False
    keep_alive: Annotated[float, Field(ge=0)] | None = None
    timeouts: dict[TimedStep, PositiveFloat] = {}
    engine: Literal["local"] = "local"

    @model_validator(mode="wrap")
    @classmethod
    def _in_our_words(cls, given: object, read: ModelWrapValidatorHandler[Self]) -> Self:
        """Refuse what is wrong with a ConfigError, which pydantic quotes: its own words name no known keys."""
        wrong = _unreadable_resources(given)
        try:
            config = read(given)
        except ValidationError as error:
            raise ConfigError.of([*_explained(error, given), *wrong]) from None
        if wrong:
            raise ConfigError.of(wrong)
        return config

    def says(self, field: str) -> bool:
        """Return whether the entry says anything of *field*, be it None."""
        return field in self.model_fields_set


Entry = str | Path | ModuleType | Mapping[str, object] | ServiceConfig


def parse_entry(entry: Entry) -> ServiceConfig:
    """Return the configuration that *entry* stands for.

    Raises:
        ConfigError: With every problem of the entry, and the keys that there are.
    """
    if isinstance(entry, ServiceConfig):
        return entry
    if isinstance(entry, str | Path | ModuleType):
        return ServiceConfig(package=entry)
    if not isinstance(entry, Mapping):
        raise ConfigError(
            f"a service entry is a name, a path, a module, a mapping or a ServiceConfig, not {entry!r}",
            given=entry,
            hint="VModel([{'package': 'my_services'}])",
        )
    try:
        return ServiceConfig.model_validate(dict(entry))
    except ValidationError as error:
        raise error.errors()[0]["ctx"]["error"] from None


def _explained(error: ValidationError, given: object) -> list[ConfigError]:
    known = list(ServiceConfig.model_fields)
    return [_said(problem, known) for problem in problems(error, given)]


def _unreadable_resources(given: object) -> list[ConfigError]:
    """Return what is wrong inside `resources`; what is no mapping at all is for pydantic to say."""
    resources = given.get("resources") if isinstance(given, Mapping) else None
    if not isinstance(resources, Mapping):
        return []
    try:
        parse_request(resources, service="")
    except InvalidInfo as error:
        return [_of_the_entry(finding) for finding in error.findings]
    return []


def _of_the_entry(finding: VModelError) -> ConfigError:
    _, _, said = finding.message.partition(", ")  # no service is known yet
    return ConfigError(
        f"service entry, {said}",
        path=finding.path,
        given=finding.given,
        expected=finding.expected,
        nearest=finding.nearest,
        hint=finding.hint,
    )


def _said(problem: Problem, known: list[str]) -> ConfigError:
    path, where = problem.path, ".".join(map(str, problem.path))
    if problem.kind == "extra_forbidden":
        nearest = get_close_matches(where, known, n=3)
        return ConfigError(
            f"a service entry has no key {where!r}; it has: {', '.join(known)}",
            path=path,
            nearest=nearest,
            hint=f"did you mean {nearest[0]!r}?" if nearest else None,
        )
    if problem.kind in MISSING:
        return ConfigError(f"a service entry lacks {where!r}", path=path, hint="{'package': 'my_services'}")
    return ConfigError(
        f"service entry, {where}: {problem.expected}, given {shown(problem.given)}",
        path=path,
        given=problem.given,
        expected=problem.expected,
    )

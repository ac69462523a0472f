"""What a scenario file may say: a market's settings, and what they are for."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, SerializeAsAny, model_validator

from abm.settings import Section, Settings
from scenarios.measures import Measure, Reduction, parsed

Key = Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")]
Value = bool | int | float | str | date | tuple[float, ...]


class History(Section):
    """What really happened, day by day."""

    name: str = Field(description="the daily column that it is held against")
    unit: str
    source: str
    values: dict[date, float]


class Fact(Section):
    """A sourced fact that the scenario rests on."""

    text: str
    source: str
    certainty: Literal["verified", "computed", "secondary", "memory"]


class Variant(Section):
    """A change to the scenario that is run on the same noise."""

    name: str = Field(pattern=r"^[a-z0-9_ .+%-]+$")
    title: str = ""
    set: dict[Key, Value] = Field(default_factory=dict, description="keys that take another value")
    multiply: dict[Key, float] = Field(default_factory=dict, description="keys whose value is multiplied")
    twin: bool = Field(False, description="whether it needs a twin without the liquidator of its own")

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.set and not self.multiply:
            raise ValueError("must change something: give `set` or `multiply`")
        return self


class Target(Section):
    """A statistic that must lie in `low`..`high`."""

    name: str
    kind: Literal["history", "input", "design", "context"]
    low: float
    high: float
    history: float | None = None
    statistic: str = Field(description="what is measured, in words")
    source: str = ""
    measure: Annotated[SerializeAsAny[Measure], parsed]
    reduce: Reduction = "median"
    scale: float = Field(1.0, description="what the statistic is multiplied by: 100 for %")
    run: str = Field("main", description="main, twin, or the name of a counterfactual")
    minus_twin: bool = False

    @model_validator(mode="after")
    def _bounds_are_a_range(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low = {self.low:g}, high = {self.high:g}: low must not be above high")
        return self


class Scenario(Settings):
    """A scenario file, checked."""

    name: str = Field("", description="the file's name")
    title: str = Field(min_length=1)
    question: str = ""
    caution: str = ""
    sources: dict[str, str] = Field(default_factory=dict)
    history: tuple[History, ...] = ()
    fact: tuple[Fact, ...] = ()
    counterfactual: tuple[Variant, ...] = ()
    sensitivity: tuple[Variant, ...] = ()
    target: tuple[Target, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the checked content: equal digests, seeds and versions give equal results."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    @property
    def settings(self) -> Settings:
        """The market's settings alone."""
        return Settings(**{name: getattr(self, name) for name in Settings.model_fields})

    def history_of(self, column: str) -> History | None:
        """Documented values of a daily column, if the scenario has them."""
        return next((item for item in self.history if item.name == column), None)

    @model_validator(mode="after")
    def _targets_refer_to_runs(self) -> Self:
        variants = {variant.name: variant for variant in self.counterfactual}
        for target in self.target:
            if target.run not in {"main", "twin", *variants}:
                raise ValueError(
                    f"target {target.name}: run = {target.run!r}: allowed: main, twin, {', '.join(variants)}"
                )
            if (
                target.minus_twin
                and target.run != "main"
                and not (target.run in variants and variants[target.run].twin)
            ):
                raise ValueError(f"target {target.name}: minus_twin needs a counterfactual with twin = true")
        return self

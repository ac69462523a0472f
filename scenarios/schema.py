"""What a scenario file may say: a market's settings, and what they are for."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SerializeAsAny,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from abm.settings import Cause, Section, Settings
from cqkit.errors import InputError
from scenarios.domain import Domain
from scenarios.measures import Measure, Reduction, parsed

RESERVED = ("main", "twin")  # the two runs that every scenario has
# Keys that name a file.
FILES = (("funds", "holdings"), ("market", "index_path"), ("desk", "book"), ("desk", "history"))
# Names of those that ship with the package.
EXAMPLES = {
    ("market", "index_path"): "example",
    ("desk", "book"): "example",
    ("funds", "holdings"): "example-crowd",
}


def _without_control_characters(text: str) -> str:
    if text.isprintable():  # nearly all are, and every point of a sweep asks
        return text
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t":
            raise ValueError(f"must not hold the control character U+{ord(character):04X}")
    return text


def _shaped(pattern: str, allowed: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"must be {allowed}")
        return text

    return AfterValidator(check)


def _plain(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(tuple(value) if isinstance(value, list) else value)
    except ValidationError:
        raise ValueError(
            "must be a number, true or false, a date, text, a list of numbers, or a table of shares"
        ) from None


Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_without_control_characters)]
Text = Annotated[str, Field(max_length=10_000), AfterValidator(_without_control_characters)]
RunName = Annotated[
    str, Field(max_length=60), _shaped(r"[a-z0-9_ .+%-]+", "small letters, digits, spaces and the signs _ . + - %")
]
Key = Annotated[str, _shaped(r"[a-z_]+(\.[a-z_]+)+|halt|futures_demand", 'a dotted key in quotes, as "funds.crowding"')]
Value = Annotated[bool | int | float | str | date | tuple[float, ...] | dict[str, float], WrapValidator(_plain)]
Kind = Literal["history", "held-out", "input", "design", "context"]


class History(Section):
    """What really happened, day by day."""

    name: Line = Field(description="the daily column that it is held against")
    unit: Text
    source: Text
    values: dict[date, float]


class Fact(Section):
    """A sourced fact that the scenario rests on."""

    text: Text
    source: Text
    certainty: Literal["verified", "computed", "secondary", "memory"]
    chart: str = Field("", description="the chart that shows it at its foot, as fund-nav")


class Variant(Section):
    """A change to the scenario that is run on the same noise."""

    name: RunName
    title: Text = ""
    set: dict[Key, Value] = Field(default_factory=dict, description="keys that take another value")
    multiply: dict[Key, float] = Field(default_factory=dict, description="keys whose value is multiplied")
    without: tuple[Cause, ...] = Field((), description="causes whose dated moves ([[news]]) are left out")
    without_days: tuple[date, ...] = Field((), description="days from which dated moves are left out")
    twin: bool = Field(False, description="whether it needs a twin without the liquidator of its own")

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not (self.set or self.multiply or self.without or self.without_days):
            raise ValueError("must change something: give `set`, `multiply`, `without` or `without_days`")
        return self


class Comparison(Section):
    """Another statistic that a target's own is held against, reduced in the same way over the same paths."""

    run: str = Field("main", description="main, twin, or the name of a counterfactual")
    measure: Annotated[SerializeAsAny[Measure], parsed] | None = Field(None, description="default: the target's own")
    take: Literal["ratio", "share_gone"] = Field(
        description="ratio: own over other; share_gone: what part of the own goes in the other, (own - other) / own"
    )


class Target(Section):
    """A statistic that must lie in `low`..`high`."""

    name: Line
    kind: Kind = Field(
        description="history: documented; held-out: documented, and no fit may look at it; input: a dial of the model "
        "sets it; design: our own requirement; context: shown, proves nothing"
    )
    low: float
    high: float
    history: float | None = None
    statistic: Text = Field(description="what is measured, in words")
    source: Text = ""
    measure: Annotated[SerializeAsAny[Measure], parsed]
    reduce: Reduction = "median"
    scale: float = Field(1.0, description="what the statistic is multiplied by: 100 for %")
    run: str = Field("main", description="main, twin, or the name of a counterfactual")
    minus_twin: bool = False
    against: Comparison | None = Field(None, description="turns the statistic into a ratio to another run's")

    @property
    def runs(self) -> dict[str, str]:
        """Names of the runs that it needs, by the key that names each."""
        return {"run": self.run} | ({"against.run": self.against.run} if self.against else {})

    @model_validator(mode="after")
    def _bounds_are_a_range(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low = {self.low:g}, high = {self.high:g}: low must not be above high")
        return self

    @model_validator(mode="after")
    def _is_compared_once(self) -> Self:
        if self.against is not None and self.minus_twin:
            raise ValueError("against: must not stand beside minus_twin = true: a target is compared once")
        return self

    @model_validator(mode="after")
    def _a_share_is_of_yes_or_no(self) -> Self:
        if self.reduce == "share" and (self.minus_twin or not self.measure.yes_or_no):
            raise ValueError(
                f'reduce = "share": {self.measure.name}{" less the twin" * self.minus_twin} is no yes-or-no '
                "figure: must be median, mean, sum, p10 or p90"
            )
        return self


class Scenario(Settings):
    """A scenario file, checked."""

    name: Text = Field("", description="the file's name")
    title: Line = Field(description="what it is called, in one line of text")
    question: Text = ""
    caution: Text = ""
    exchange: Text = Field("", description='china or us: whose rules fill what the scenario leaves out; "": nobody\'s')
    sources: dict[Line, Text] = Field(default_factory=dict)
    history: tuple[History, ...] = ()
    fact: tuple[Fact, ...] = ()
    counterfactual: tuple[Variant, ...] = ()
    sensitivity: tuple[Variant, ...] = ()
    target: tuple[Target, ...] = ()
    domain: Domain = Domain()
    remarks: SkipJsonSchema[tuple[str, ...]] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the checked content: equal digests, seeds and versions give equal results.

        A file of holdings or of the index counts with what is in it, not with where it lies. How far its numbers were
        tested does not count.
        """
        content = self.model_dump(mode="json", exclude={"remarks": True, "domain": {"plausible", "tested"}})
        for section, key in FILES:
            path = getattr(getattr(self, section), key)
            if path is not None and str(path) != EXAMPLES.get((section, key)):
                try:
                    content[section][key] = hashlib.sha256(path.read_bytes()).hexdigest()
                except OSError as error:
                    raise InputError(f"{path}: cannot be read: {error.strerror}") from None
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def settings(self) -> Settings:
        """The market's settings alone."""
        return Settings(**{name: getattr(self, name) for name in Settings.model_fields})

    @property
    def twin_title(self) -> str:
        """What the twin lacks, in words: whoever has to liquidate."""
        return "Nobody liquidates" if self.large_fund.book > 0 else "No liquidator"

    def history_of(self, column: str) -> History | None:
        """Documented values of a daily column, if the scenario has them."""
        return next((item for item in self.history if item.name == column), None)

    @model_validator(mode="after")
    def _dates_can_be_written(self) -> Self:
        if not 1700 <= self.clock.start.year <= 2200:
            raise ValueError(f"clock.start = {self.clock.start}: must lie between the years 1700 and 2200")
        return self

    @model_validator(mode="after")
    def _names_are_told_apart(self) -> Self:
        lists: dict[str, Sequence[Variant | Target | History]] = {
            "counterfactual": self.counterfactual,
            "sensitivity": self.sensitivity,
            "target": self.target,
            "history": self.history,
        }
        for what, items in lists.items():
            twice = [name for name, count in Counter(item.name for item in items).items() if count > 1]
            if twice:
                raise ValueError(f"{what}: name = {twice[0]!r}: given more than once: must be the only one")
        taken = [variant.name for variant in self.counterfactual if variant.name in RESERVED]
        if taken:
            raise ValueError(
                f"counterfactual: name = {taken[0]!r}: must not be {' or '.join(RESERVED)}, which every scenario has"
            )
        return self

    @model_validator(mode="after")
    def _news_left_out_is_there(self) -> Self:
        days = {item.date for item in self.news}
        for variant in (*self.counterfactual, *self.sensitivity):
            missing = (
                set(variant.without_days) - days if days else ()
            )  # a scenario without any news has none to leave out
            if missing:
                raise ValueError(
                    f"{variant.name}: without_days = {min(missing)}: must be the date of a [[news]], "
                    f"from {min(days)} to {max(days)}"
                )
        return self

    @model_validator(mode="after")
    def _targets_refer_to_runs(self) -> Self:
        variants = {variant.name: variant for variant in self.counterfactual}
        for target in self.target:
            for key, run in target.runs.items():
                if run not in {*RESERVED, *variants}:
                    known = ", ".join([*RESERVED, *variants])
                    raise ValueError(f"target {target.name}: {key} = {run!r}: no such run (allowed: {known})")
            own_twin = target.run == "main" or (target.run in variants and variants[target.run].twin)
            if target.minus_twin and not own_twin:
                raise ValueError(
                    f"target {target.name}: minus_twin: run {target.run!r} has no twin: must be main, or a "
                    "counterfactual with twin = true"
                )
        return self

"""How the index may move from day to day: models that reserves are simulated with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from cqkit.plugins import Plugin, PluginRegistry, out_of_range, parse_spec
from hedging.series.prices import YEAR


@dataclass(frozen=True)
class PathModel(Plugin, ABC):
    """Draws daily log returns of the index.

    Attributes
    ----------
    symmetric : bool
        Whether a path and its mirror image about the drift are equally likely, as antithetic draws need.
    """

    kind: ClassVar[str] = "path model"
    symmetric: ClassVar[bool] = True

    @abstractmethod
    def moves(self, rng: np.random.Generator, paths: int, days: int, past: FloatArray) -> FloatArray:
        """Draw daily log returns, shape (paths, days).

        Parameters
        ----------
        rng : Generator
            The only source of chance.
        paths, days : int
            How many.
        past : FloatArray, shape (h,)
            The user's own daily log returns up to today, oldest first; there may be none.

        Raises
        ------
        InputError
            When the model needs a longer past.
        """

    @property
    def daily_drift(self) -> float:
        """Mean daily log return, about which antithetic paths are mirrored."""
        return 0.0

    def antithetic_moves(self, rng: np.random.Generator, paths: int, days: int, past: FloatArray) -> FloatArray:
        """Draw paths in pairs: path 2i + 1 is the mirror image of path 2i about the drift.

        Raises
        ------
        InputError
            When the model is not symmetric, or the number of paths is odd.
        """
        if not self.symmetric:
            raise InputError(f"path model {self.name}: has no antithetic draws: its returns are not symmetric")
        if paths % 2:
            raise InputError(f"paths = {paths}: must be even with antithetic draws")
        drawn = self.moves(rng, paths // 2, days, past)
        return np.stack((drawn, 2 * self.daily_drift - drawn), axis=1).reshape(paths, days)


PATH_MODELS: PluginRegistry[PathModel] = PluginRegistry(PathModel)
M = TypeVar("M", bound=PathModel)


def register_path_model(name: str) -> Callable[[type[M]], type[M]]:
    """Class decorator: make a path model known as `name`; InputError when the name is taken."""
    return PATH_MODELS.class_decorator(name)


def path_model_names() -> tuple[str, ...]:
    """Names of all path models, sorted."""
    return PATH_MODELS.names()


def make_path_model(name: str, **parameters: Any) -> PathModel:
    """Make the path model registered as `name`; InputError says what is wrong and what is allowed."""
    return PATH_MODELS.make(name, parameters)


def parse_path_model(text: str) -> PathModel:
    """Read a path model as a user writes it, such as `gbm:volatility=0.45`; InputError as of `make_path_model`."""
    _, name, parameters = parse_spec("path model", text)
    return make_path_model(name, **parameters)


def _volatility_faults(model: PathModel) -> list[str]:
    note = "a ratio a year, not percent"
    return [*out_of_range(model, "volatility", 0, 5, note), *out_of_range(model, "drift", -5, 5, note)]


@register_path_model("gbm")
@dataclass(frozen=True)
class GeometricBrownian(PathModel):
    """Independent normal log returns.

    Parameters
    ----------
    volatility : float
        A ratio a year, 0..5.
    drift : float
        Of the log price, a ratio a year, -5..5. At 0 the log price is driftless, as the reflection formula
        assumes; the price itself then rises by half the variance on average.
    """

    volatility: float = 0.25
    drift: float = 0.0

    def faults(self) -> list[str]:
        return _volatility_faults(self)

    @property
    def daily_drift(self) -> float:
        return self.drift / YEAR

    def moves(self, rng: np.random.Generator, paths: int, days: int, past: FloatArray) -> FloatArray:  # noqa: ARG002
        drawn = rng.standard_normal((paths, days))
        return self.daily_drift + self.volatility / np.sqrt(YEAR) * drawn


@register_path_model("student_t")
@dataclass(frozen=True)
class StudentSteps(PathModel):
    """Independent log returns with Student's t distribution: the same volatility, with larger single days.

    Parameters
    ----------
    volatility, drift : float
        As of the Brownian model.
    degrees : float
        Of freedom, above 2 and at most 1e6; 4 is near what daily index returns show.
    """

    volatility: float = 0.25
    drift: float = 0.0
    degrees: float = 4.0

    def faults(self) -> list[str]:
        allowed = "must be above 2, where the variance is finite, and at most 1e6"
        wrong = [] if 2 < self.degrees <= 1e6 else [f"degrees = {self.degrees}: {allowed}"]
        return [*_volatility_faults(self), *wrong]

    @property
    def daily_drift(self) -> float:
        return self.drift / YEAR

    def moves(self, rng: np.random.Generator, paths: int, days: int, past: FloatArray) -> FloatArray:  # noqa: ARG002
        width = self.volatility / np.sqrt(YEAR) * np.sqrt((self.degrees - 2) / self.degrees)
        return self.daily_drift + width * rng.standard_t(self.degrees, (paths, days))


@register_path_model("bootstrap")
@dataclass(frozen=True)
class BlockBootstrap(PathModel):
    """Stretches of the user's own past returns, drawn with replacement and put end to end.

    A stretch that reaches the last day goes on at the first (circular blocks: Politis and Romano 1992), so that
    every day is drawn equally often. Within a stretch quiet and wild days follow each other as they did.

    Parameters
    ----------
    block : int
        Days in a stretch, at least 1.
    centred : bool
        Take the past's mean off, so that its rise or fall is not taken for the future's.
    least : int
        Past returns that must be there, at least 20.
    """

    symmetric: ClassVar[bool] = False

    block: int = 20
    centred: bool = True
    least: int = 60

    def faults(self) -> list[str]:
        return [*out_of_range(self, "block", 1), *out_of_range(self, "least", 20)]

    def moves(self, rng: np.random.Generator, paths: int, days: int, past: FloatArray) -> FloatArray:
        known = len(past)
        if known < max(self.least, self.block):
            raise InputError(
                f"path model {self.name}: {known} past returns: must be at least {max(self.least, self.block)}"
            )
        returns = past - past.mean() if self.centred else past
        blocks = -(-days // self.block)
        first = rng.integers(known, size=(paths, blocks, 1))
        drawn = returns[(first + np.arange(self.block)) % known]
        return drawn.reshape(paths, blocks * self.block)[:, :days]


@dataclass(frozen=True)
class StockBook:
    """How the stock book moves with the index, in daily log returns: beta r + alpha + independent noise.

    Parameters
    ----------
    beta : float
        Sensitivity to the index, -5..5.
    alpha : float
        Log return over the index's, a ratio a year, -5..5.
    tracking_error : float
        Volatility of the noise, a ratio a year, 0..5.

    Raises
    ------
    InputError
        When a number lies outside its range.
    """

    beta: float = 1.0
    alpha: float = 0.0
    tracking_error: float = 0.0

    def __post_init__(self) -> None:
        faults = [*out_of_range(self, "beta", -5, 5)]
        faults += out_of_range(self, "alpha", -5, 5, "a ratio a year, not percent")
        faults += out_of_range(self, "tracking_error", 0, 5, "a ratio a year, not percent")
        if faults:
            raise InputError(*(f"stock book: {fault}" for fault in faults))

    def moves(self, rng: np.random.Generator, index_moves: FloatArray) -> FloatArray:
        """The book's daily log returns, of the shape of the index's."""
        moves = self.beta * index_moves + self.alpha / YEAR
        if self.tracking_error:
            moves = moves + self.tracking_error / np.sqrt(YEAR) * rng.standard_normal(index_moves.shape)
        return moves

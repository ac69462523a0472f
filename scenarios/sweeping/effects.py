"""What the keys of a sweep do to a figure: Sobol indices of variance, and differences from where the scenario stands.

Sources: Sobol 1993; Saltelli and others 2010 (total indices), by `scipy.stats.sobol_indices`, with percentile
intervals of a bootstrap over the base samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy

from cqkit.arrays import FloatArray
from cqkit.statistics import CONFIDENCE, mean_interval, quantiles, resampled
from scenarios.sweeping.reading import PathFigures


def sobol_effects(means: pd.Series, samples: pd.Series, keys: Sequence[str]) -> pd.DataFrame:
    """First-order and total indices of a figure's mean, a row a key, with 95 % bootstrap intervals.

    `means` and `samples` are of all points in their order. What is not known at one of them cannot be decomposed, nor
    what is alike at all: then the indices are NaN.
    """
    columns = ("first", "first_low", "first_high", "total", "total_low", "total_high")
    values = {name: means[samples == name].to_numpy() for name in samples.unique()}
    if means.isna().any() or means.nunique() < 2:
        return pd.DataFrame({"key": list(keys), **dict.fromkeys(columns, float("nan"))})
    mixed = np.stack([values[f"A with {key} of B"] for key in keys])
    found = _indices(values["A"], values["B"], mixed)
    drawn = [
        _indices(values["A"][chosen], values["B"][chosen], mixed[:, chosen])
        for chosen in resampled(values["A"].size)
        if np.ptp(np.concatenate([values["A"][chosen], values["B"][chosen]])) > 0
    ]
    tail = 0.5 * (1 - CONFIDENCE)
    low, high = quantiles(np.reshape(drawn, (len(drawn), -1)), [tail, 1 - tail]).reshape(2, 2, len(keys))
    parts = (found[0], low[0], high[0], found[1], low[1], high[1])
    return pd.DataFrame({"key": list(keys), **dict(zip(columns, parts, strict=True))})


def _indices(first: FloatArray, second: FloatArray, mixed: FloatArray) -> FloatArray:
    """First-order and total indices, shape (2, keys), of a figure in the samples A, B, and A with a key of B each."""
    rows = mixed if len(mixed) > 1 else np.repeat(mixed, 2, axis=0)  # scipy cannot take one key alone
    func: Any = {"f_A": first[None], "f_B": second[None], "f_AB": rows[:, None]}
    found = scipy.stats.sobol_indices(func=func, n=first.size)
    return np.array([np.ravel(found.first_order)[: len(mixed)], np.ravel(found.total_order)[: len(mixed)]])


def tornado_effects(
    readings: Mapping[str, PathFigures], ends: Mapping[str, tuple[Any, Any]], figure: str
) -> pd.DataFrame:
    """How far a figure's mean moves as one key goes to either end, the widest swing first; on the same paths.

    `readings` are by sample ("own", "<key> low", "<key> high"), `ends` the values of the keys.
    """
    own = readings["own"].values.get(figure)
    rows = []
    for key, values in ends.items():
        row: dict[str, Any] = {"key": key}
        for end, value in zip(("low", "high"), values, strict=True):
            there = readings[f"{key} {end}"].values.get(figure)
            row |= {f"{end}_value": value, **_difference(end, own, there)}
        rows.append(row)
    table = pd.DataFrame(rows)
    moved = table[["low", "high"]]  # both may lie on one side of where the scenario stands
    swing = moved.max(axis=1).clip(lower=0) - moved.min(axis=1).clip(upper=0)
    return table.iloc[np.argsort(-swing.fillna(-1).to_numpy(), kind="stable")].reset_index(drop=True)


def _difference(end: str, own: Any, there: Any) -> dict[str, float]:
    nothing = {end: float("nan"), f"{end}_from": float("nan"), f"{end}_to": float("nan")}
    if own is None or there is None:
        return nothing
    paths = min(own.size, there.size)
    moved = there[:paths] - own[:paths]
    moved = moved[~np.isnan(moved)]
    if not moved.size:
        return nothing
    mean = mean_interval(moved)
    return {end: mean.value, f"{end}_from": mean.low, f"{end}_to": mean.high}

"""Two results side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cqkit.errors import InputError
from scenarios import Reserves, RunResult


def compare(one: Any, other: Any) -> pd.DataFrame:
    """Two runs, or two reserve studies, side by side.

    Returns
    -------
    DataFrame
        Of runs a row a key figure: `one`, `other` (median over paths, or share of paths), `change` (one less the other)
        and `unit`. Of reserve studies a row a policy, source and figure: the chance of a call, and the reserve needed
        by confidence, as ratios to the book.

    Raises
    ------
    InputError
        If they are of different types, or of one that cannot be compared.
    """
    if isinstance(one, RunResult) and isinstance(other, RunResult):
        tables = [figure_table(one), figure_table(other)]
        joined = tables[0].join(tables[1].add_suffix("_other"), how="outer", sort=False)
        found = pd.DataFrame({"one": joined["value"], "other": joined["value_other"]})
        units = joined["unit"].fillna(joined["unit_other"])
        return found.assign(change=found["one"] - found["other"], unit=units)
    if isinstance(one, Reserves) and isinstance(other, Reserves):
        pair = pd.DataFrame({"one": _of_reserves(one), "other": _of_reserves(other)})
        return pair.assign(change=pair["one"] - pair["other"])
    kinds = f"{type(one).__name__} and {type(other).__name__}"
    raise InputError(f"compare: {kinds}: must be two runs, or two reserve studies")


def figure_table(run: RunResult) -> pd.DataFrame:
    """Key figures of a run: `value`, the twin's `twin`, and `unit`, a row a figure."""
    figures: Mapping[str, Mapping[str, Any]] = run.summary()["figures"]
    rows = {
        name: {"value": item.get("share", item.get("median")), "twin": item.get("twin"), "unit": item["unit"]}
        for name, item in figures.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("figure").astype({"value": float, "twin": float})


def _of_reserves(found: Reserves) -> pd.Series[float]:
    chances = found.calls.assign(figure="call_probability").set_index(["policy", "source", "figure"])["probability"]
    needs = found.reserves.assign(figure=[f"reserve_{100 * value:g}" for value in found.reserves["confidence"]])
    return pd.concat([chances, needs.set_index(["policy", "source", "figure"])["reserve"]])

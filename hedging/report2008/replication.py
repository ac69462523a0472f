"""The 2008 report's own numbers, row by row: what it printed, what the engine gives, and a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any

import pandas as pd

from cqkit.errors import InputError
from cqkit.manifest import manifest
from cqkit.showing import Shown
from hedging.engine.result import HedgeResult
from hedging.report2008.example import LABEL
from hedging.report2008.figures import assumptions, figures_of, partial_as_printed, replays
from hedging.report2008.samples import WINDOWS, ReportSample, Window, sample_of
from hedging.report2008.verdicts import ReportRow, rows_of


@dataclass(frozen=True, eq=False, repr=False)
class Replication(Shown):
    """The report's table, and the replays behind it.

    Attributes
    ----------
    rows : tuple of ReportRow
        In the report's order.
    samples : mapping of window to ReportSample
        What the engine ran on.
    results : mapping of window to (mapping of policy to HedgeResult)
        `full`, `partial` and `timing` in each window, for the report's figures 1 to 4.
    notes : tuple of str
        What the reader must know, one line each: synthetic series first.
    manifest
        How it came about: the series and versions.
    """

    rows: tuple[ReportRow, ...]
    samples: Mapping[Window, ReportSample]
    results: Mapping[Window, Mapping[str, HedgeResult]]
    notes: tuple[str, ...]
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def synthetic(self) -> bool:
        """Whether any row rests on the made-up example."""
        return any(sample.synthetic for sample in self.samples.values())

    def counts(self) -> dict[str, int]:
        """Number of rows by verdict."""
        verdicts = ("exact", "rounding", "report slip", "not reproduced")
        return {verdict: sum(row.verdict == verdict for row in self.rows) for verdict in verdicts}

    def frame(self) -> pd.DataFrame:
        """The rows as a table, one column an attribute of `ReportRow`."""
        return pd.DataFrame([asdict(row) for row in self.rows])

    def tables(self) -> dict[str, pd.DataFrame]:
        """The rows as a table."""
        return {"table": self.frame()}

    def as_json(self) -> dict[str, Any]:
        """Plain values for `replicate-report --json`; figures in the report's units, percent among them."""
        return {
            "synthetic": self.synthetic,
            "series": {window: sample.source for window, sample in self.samples.items()},
            "notes": list(self.notes),
            "verdicts": self.counts(),
            "rows": [
                asdict(row) | dict(zip(("printed_text", "engine_text"), row.texts(), strict=True)) for row in self.rows
            ],
        }


def replicate_report(
    index: pd.DataFrame | pd.Series[float] | None = None,
    spot: pd.Series[float] | None = None,
    *,
    history: pd.DataFrame | pd.Series[float] | None = None,
    base_nav: float | None = None,
) -> Replication:
    """Hold every number of the report against the engine's.

    Parameters
    ----------
    index : DataFrame or Series, optional
        The CSI 300 as `load_prices` or `load_closes` give it. Without opens the timing hedge trades at the
        close. A window of the report that it does not cover runs on the synthetic example, and so do both
        without it.
    spot : Series, optional
        NAV of the fund, as `load_closes` gives it; needed with `index`.
    history : DataFrame or Series, optional
        The index before the first date of `index`, from another file.
    base_nav : float, optional
        NAV at the base close of 2007. By default the report's 4.695 if the file's own is within 1 % of it.

    Returns
    -------
    Replication

    Raises
    ------
    InputError
        When the series do not fit each other, or `spot` is missing.
    """
    started = perf_counter()
    if (index is None) != (spot is None):
        raise InputError("replicate-report: index and spot: must be given both, or neither for the synthetic example")
    notes: list[str] = []
    samples: dict[Window, ReportSample] = {}
    for window in WINDOWS:
        sample, said = sample_of(window, index, spot, history, base_nav)
        samples[window] = sample
        notes += said
    results = {window: replays(sample) for window, sample in samples.items()}
    figures: dict[str, float | str] = {**assumptions(), **partial_as_printed()}
    for window, sample in samples.items():
        found = figures_of(sample, results[window])
        figures |= found if window == "2007-08" else {f"{key}_{window}": value for key, value in found.items()}
    rows = tuple(rows_of(figures, samples))
    first = [f"SYNTHETIC: {window} runs on the {LABEL}." for window, sample in samples.items() if sample.synthetic]
    series = {window: sample.source for window, sample in samples.items()}
    set_otherwise = {} if base_nav is None else {"base_nav": base_nav}
    told = manifest(seconds=perf_counter() - started, overrides=set_otherwise, series=series)
    return Replication(rows, samples, results, (*first, *dict.fromkeys(notes)), told)

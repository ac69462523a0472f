"""Hedges on disk: accounts, tables and charts of replays, reserve studies, the report's replication, explanations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cqkit.folders import MANIFEST, write_folder, write_parquet
from cqkit.plain import to_json
from crowdquake.charts import cliff, explain, frontier, policies_chart, replay_chart, save
from crowdquake.replays import Comparison
from crowdquake.reserves import ReserveStudy
from hedging import Replication
from scenarios import Explanation
from scenarios.cliff import Cliff


def save_comparison(comparison: Comparison, folder: Path) -> None:
    """Write a replay to a folder, replacing an earlier one there in one step.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written.
    """

    def write(beside: Path) -> None:
        accounts = [
            result.frame(comparison.series.dates).drop(columns="path").assign(policy=name)
            for name, result in comparison.results.items()
        ]
        frame = pd.concat(accounts, ignore_index=True)
        frame.to_csv(beside / "accounts.csv", index=False)
        write_parquet(frame, beside / "accounts.parquet")
        _write_manifest(comparison.as_json(), beside)
        save(replay_chart(comparison), beside, "hedge")
        if len(comparison.results) > 1:
            save(policies_chart(comparison), beside, "policies")

    write_folder(folder, write)


def save_reserve(study: ReserveStudy, folder: Path) -> None:
    """Write a reserve study to a folder, replacing an earlier one there in one step.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written.
    """

    def write(beside: Path) -> None:
        for name, frame in (("reserves", study.table), ("calls", study.calls), ("dilution", study.dilution)):
            frame.to_csv(beside / f"{name}.csv", index=False)
        _write_manifest(study.as_json(), beside)
        save(frontier(study), beside, "frontier")

    write_folder(folder, write)


def save_replication(found: Replication, folder: Path) -> None:
    """Write the report's table and its figures: both samples over time and policies side by side.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written.
    """

    def write(beside: Path) -> None:
        found.frame().to_csv(beside / "table.csv", index=False)
        _write_manifest(found.as_json(), beside)
        for window, results in found.results.items():
            sample = found.samples[window]
            kind = "synthetic" if sample.synthetic else "real"
            names = (f"{kind} index", f"{kind} fund")
            comparison = Comparison(sample.joined, results, *names, source=sample.source)
            save(replay_chart(comparison), beside, f"sample-{window}")
            save(policies_chart(comparison), beside, f"policies-{window}")

    write_folder(folder, write)


def save_cliff(study: Cliff, folder: Path) -> None:
    """Write a study of the crowd's reserve to a folder, replacing an earlier one there in one step.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written.
    """

    def write(beside: Path) -> None:
        for name, frame in (("points", study.points), ("halves", study.halves)):
            frame.to_csv(beside / f"{name}.csv", index=False)
        _write_manifest(study.as_json() | {"manifest": study.manifest}, beside)
        save(cliff(study), beside, "cliff")

    write_folder(folder, write)


def save_explanation(explanation: Explanation, folder: Path) -> None:
    """Write an explained hedge loss to a folder, replacing an earlier one there in one step.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written.
    """

    def write(beside: Path) -> None:
        frame = explanation.frame()
        frame.to_csv(beside / "explain.csv", index=False)
        write_parquet(frame, beside / "explain.parquet")
        write_parquet(explanation.by_path.rename_axis("path").reset_index(), beside / "by-path.parquet")
        _write_manifest(explanation.as_json(), beside)
        save(explain(explanation), beside, "explain")

    write_folder(folder, write)


def _write_manifest(content: dict[str, Any], folder: Path) -> None:
    (folder / MANIFEST).write_text(to_json(content) + "\n", encoding="utf-8")

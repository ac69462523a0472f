"""A replay on disk: daily accounts of every policy, figures and a chart."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from crowdquake.charts import policies_chart, replay_chart, save
from crowdquake.replays import Comparison
from scenarios.folders import MANIFEST, write_folder, write_parquet


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
        (beside / MANIFEST).write_text(json.dumps(comparison.as_json(), indent=2) + "\n", encoding="utf-8")
        save(replay_chart(comparison), beside, "hedge")
        if len(comparison.results) > 1:
            save(policies_chart(comparison), beside, "policies")

    write_folder(folder, write)

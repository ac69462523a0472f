"""Any result on disk: its tables in its formats, and its manifest."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
import pytest

from cqkit.storing import write_result


@dataclass(frozen=True)
class Toy:
    """The least that a result is."""

    frame: pd.DataFrame

    @property
    def manifest(self):
        return {"seed": 1}

    def tables(self):
        return {"toy": self.frame}

    def as_json(self):
        return {"rows": len(self.frame), "none": float("nan")}


@dataclass(frozen=True)
class Kept(Toy):
    """One that has its own way with files."""

    formats: ClassVar = {"toy": ("csv", "parquet")}

    def stored(self):
        return {"all": True}


@pytest.fixture
def frame():
    return pd.DataFrame({"x": [1.5, 2.5], "who": ["a", "b"]})


def test_a_plain_result_is_tables_of_csv_and_a_manifest(frame, tmp_path):
    folder = write_result(Toy(frame), tmp_path / "result")
    assert {path.name for path in folder.iterdir()} == {"toy.csv", "manifest.json"}
    pd.testing.assert_frame_equal(pd.read_csv(folder / "toy.csv"), frame)
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    about = told.pop("folder")
    assert told == {"rows": 2, "none": None, "manifest": {"seed": 1}}
    assert (about["result"], about["tables"]) == ("Toy", ["toy.csv"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", about["written"])


def test_a_result_may_say_its_formats_and_what_is_kept(frame, tmp_path):
    folder = write_result(Kept(frame), str(tmp_path / "result"), lambda beside: (beside / "more.svg").touch())
    assert {path.name for path in folder.iterdir()} == {"toy.csv", "toy.parquet", "manifest.json", "more.svg"}
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "toy.parquet"), frame)
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert told.pop("folder")["tables"] == ["toy.csv", "toy.parquet"]
    assert told == {"all": True, "manifest": {"seed": 1}}

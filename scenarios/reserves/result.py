"""What `reserve` found: tables of policies and sources side by side, and a sentence for a committee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from cqkit.showing import Shown
from hedging.holdings import Holdings
from scenarios.reserves.answers import Answer, frame_of
from scenarios.reserves.sentence import chosen, sentence_of


@dataclass(frozen=True, eq=False, repr=False)
class Reserves(Shown):
    """Reserve needed, and calls at the reserve held, for every policy in every source.

    Attributes
    ----------
    answers
        A policy on a source each; the mixture, if there is one, is the last source.
    varied
        The same at other crowding of the scenarios' crowds, on the same noise.
    reserve, margin
        Of all sources alike: held, and the futures' initial margin, ratios.
    book
        Whose stocks are sold; None without one.
    notes
        What is to be known of sources and figures.
    manifest
        How it came about.
    """

    answers: tuple[Answer, ...]
    varied: tuple[Answer, ...]
    reserve: float
    margin: float
    book: Holdings | None = None
    notes: tuple[str, ...] = ()
    manifest: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """The sentence, without the names of stocks."""
        return f"Reserves({sentence_of(self.answers, self.book, named=False)!r})"

    @cached_property
    def reserves(self) -> pd.DataFrame:
        """Reserve needed by policy, source and confidence, with intervals; ratios to the book, and money."""
        return frame_of([row for answer in self.answers for row in answer.reserve_rows()])

    @cached_property
    def calls(self) -> pd.DataFrame:
        """Calls at the reserve held by policy and source: chance, first call, number, new money, dilution."""
        return frame_of([answer.call_row() for answer in self.answers])

    @cached_property
    def sales(self) -> pd.DataFrame:
        """What has to be sold for the new money, and what that costs: by stock where a book is given."""
        return frame_of([row for answer in self.answers for row in answer.sale_rows(self.book)])

    @cached_property
    def crowding(self) -> pd.DataFrame:
        """How all of it moves with crowding."""
        return frame_of([answer.crowding_row() for answer in self.varied])

    @cached_property
    def by_path(self) -> pd.DataFrame:
        """What the hedge needed and was called for on every path: a row a policy, source and path, ratios."""
        return pd.concat([answer.path_rows() for answer in self.answers], ignore_index=True)

    @cached_property
    def sentence(self) -> str:
        """The answer for a committee: of the first policy, in the mixture or the scenario where a call is likeliest."""
        return sentence_of(self.answers, self.book)

    @property
    def told(self) -> tuple[str, str]:
        """Policy and source that the sentence is about."""
        answer = chosen(self.answers)
        return answer.policy, answer.source

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of the file that they are written to, without its ending; empty ones are left out."""
        return {**self._told, "by_path": self.by_path}

    formats: ClassVar[dict[str, tuple[str, ...]]] = {"by_path": ("parquet",)}

    @property
    def _told(self) -> dict[str, pd.DataFrame]:
        frames = {"reserves": self.reserves, "calls": self.calls, "sales": self.sales, "crowding": self.crowding}
        return {name: frame for name, frame in frames.items() if len(frame)}

    def stored(self) -> dict[str, Any]:
        """What manifest.json holds: all but the stocks of a book, of which it holds the hash."""
        told = self.as_json()
        if self.book is not None:
            told["sentence"] = sentence_of(self.answers, self.book, named=False)
            told.pop("sales", None)
        return told

    def as_json(self) -> dict[str, Any]:
        """Plain values; ratios to the book, and money where a name ends in `_money`."""
        return {
            "sentence": self.sentence,
            "reserve": self.reserve,
            "margin": self.margin,
            **{name: frame.to_dict("records") for name, frame in self._told.items()},
            "notes": list(self.notes),
            "manifest": self.manifest,
        }


def all_notes(groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Notes of all sources, each once."""
    return tuple(dict.fromkeys(note for group in groups for note in group))

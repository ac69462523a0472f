"""What policies come to on sources that are no market: path models and series of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from hedging import hedge, parse_policy
from hedging.reserves import HedgeNeeds, simulate_needs
from hedging.series import SeriesTerms, load_prices
from hedging.series.reading import readings
from scenarios.reserves.answers import Answer
from scenarios.reserves.asked import MODEL_PATHS, Asked
from scenarios.reserves.sources import ModelSource, SeriesSource


def model_answers(source: ModelSource, asked: Asked, progress: Callable[[float], None]) -> list[Answer]:
    """Every policy on the paths of a model."""
    found = []
    for number, text in enumerate(asked.policies):
        label, policy = parse_policy(text)

        def done(share: float, before: int = number) -> None:
            progress((before + share) / len(asked.policies))

        needs = simulate_needs(
            policy,
            source.model,
            days=asked.days,
            start_value=asked.value,
            terms=asked.terms,
            paths=asked.paths or MODEL_PATHS,
            seed=asked.seed,
            past=None if asked.past is None else asked.past.to_numpy(),
            book=asked.stock,
            progress=done,
        )
        found.append(Answer(label, source.label, needs, impact=asked.impact, level=asked.level))
    return found


def series_answers(source: SeriesSource, asked: Asked) -> tuple[list[Answer], tuple[str, ...]]:
    """Every policy on what happened, by `hedging.hedge`, and what is to be known of the series."""
    start, end = _window(source, asked)
    said = asked.reading
    options = SeriesTerms(
        accept_jumps=asked.accept_jumps,
        column=said.column,
        date_format=said.date_format,
        tz=said.tz,
        decimal=said.decimal,
    )
    found = hedge(
        source.index,
        source.fund,
        policies=asked.policies,
        start=start,
        end=end,
        book=asked.value,
        terms=asked.terms if source.futures is None else replace(asked.terms, futures=source.futures),
        said=options,
    )
    answers = [
        Answer(
            label, source.label, HedgeNeeds.of(result), dates=found.series.dates, impact=asked.impact, level=asked.level
        )
        for label, result in found.results.items()
    ]
    lasts = f"{source.label}: one history, {start} to {end}"
    return answers, (lasts, *(f"{source.label}: {note}" for note in found.series.notes))


def _window(source: SeriesSource, asked: Asked) -> tuple[str, str]:
    """Base close and last day: what the source says, else the last days that are asked for."""
    if source.start is not None and source.end is not None:
        return source.start, source.end
    said = asked.reading
    dates = pd.DatetimeIndex(
        load_prices(
            source.index, readings(said.column, said.date_format, said.tz, said.decimal)["index"], name="index"
        ).index
    )
    known = dates if source.end is None else dates[: int(dates.searchsorted(pd.Timestamp(source.end), side="right"))]
    end = source.end or f"{dates[-1]:%Y-%m-%d}"
    first = known[max(len(known) - 1 - asked.days, 0)] if len(known) else dates[0]
    return source.start or f"{first:%Y-%m-%d}", end

"""Reserves of policies in sources of paths, side by side: what a source is, its figures, what has to be sold."""

from scenarios.reserves.mixing import MIXTURE
from scenarios.reserves.result import Reserves
from scenarios.reserves.sources import ModelSource, ScenarioSource, SeriesSource, Source, Weighted, parse_sources

__all__ = [
    "MIXTURE",
    "ModelSource",
    "Reserves",
    "ScenarioSource",
    "SeriesSource",
    "Source",
    "Weighted",
    "parse_sources",
]

"""How the index's volatility is read."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from abm.sections.base import Section, quantity

DAYS_A_YEAR = 252


class VolatilityIndex(Section):
    """GJR-GARCH volatility of the index, read as a 21-day volatility index (docs/model.md, section 4)."""

    start: float = quantity(21.0, 0.1, 500, "level before the first day", "index points, annualised %")
    reaction: float = quantity(0.02, 0, 1, "weight of the squared return", "a weight")
    asymmetry: float = quantity(0.11, 0, 1, "further weight of a squared fall", "a weight")
    persistence: float = quantity(0.88, 0, 0.9999, "weight of yesterday's variance", "a weight")

    @property
    def memory(self) -> float:
        """Weight of today's variance in what is expected of tomorrow's; the rest of it, below 1, is the start's."""
        return self.persistence + self.reaction + self.asymmetry / 2

    @model_validator(mode="after")
    def _forgets(self) -> Self:
        if not self.memory < 1:
            raise ValueError(
                f"persistence + reaction + asymmetry / 2 = {self.memory:g}: must be below 1, or variance never settles"
            )
        return self

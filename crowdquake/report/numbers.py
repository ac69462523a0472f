"""Numbers as the pack writes them: percent, money, intervals, dates, in one way throughout."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from cqkit.plain import percent

NONE = ""
BARE_SPACE, FIXED_SPACE = " ", "\u00a0"


@dataclass(frozen=True)
class Numbers:
    """Numbers in a language."""

    lang: str

    def percent(self, ratio: float | None, decimals: int = 1, sign: str = "") -> str:
        """A ratio in percent; nothing where there is none."""
        if ratio is None or math.isnan(ratio):
            return NONE
        if math.isinf(ratio):
            return "∞"
        told = percent(ratio, decimals, sign)
        return told.replace(" %", "%") if self.lang == "zh" else told.replace(BARE_SPACE, FIXED_SPACE)

    def span(self, low: float | None, high: float | None, decimals: int = 1) -> str:
        """An interval in percent; nothing where there is none."""
        if low is None or high is None or math.isnan(low):
            return NONE
        return self.between(self.percent(low, decimals), self.percent(high, decimals))

    def between(self, low: str, high: str) -> str:
        """Two numbers that are told already, as an interval."""
        return f"{low} 至 {high}" if self.lang == "zh" else f"{low} to {high}"

    def money(self, amount: float | None, currency: str) -> str:
        """An amount with its unit, to three digits: CNY 1.23m, in Chinese CNY 123 万."""
        if amount is None or math.isnan(amount):
            return NONE
        units = (
            ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")) if self.lang == "zh" else ((1e12, "tn"), (1e9, "bn"), (1e6, "m"))
        )
        gap = FIXED_SPACE if self.lang == "zh" else ""
        for size, unit in units:
            if abs(amount) >= 0.9995 * size:
                return f"{currency}{FIXED_SPACE}{_three_digits(amount / size)}{gap}{unit}"
        return f"{currency}{FIXED_SPACE}{round(amount):,}"

    def unit(self, size: float, currency: str) -> tuple[str, float]:
        """The unit in which amounts of some size are best told in a column, and what they are divided by."""
        units = ((1e8, "亿"), (1e4, "万")) if self.lang == "zh" else ((1e9, "bn"), (1e6, "m"), (1e3, "k"))
        for scale, name in units:
            if abs(size) >= scale:
                return f"{currency} {name}", scale
        return currency, 1.0

    def money_span(self, low: float | None, high: float | None, currency: str) -> str:
        """An interval in money."""
        if low is None or high is None or math.isnan(low):
            return NONE
        return self.between(self.money(low, currency), self.money(high, currency))

    def count(self, number: float | None) -> str:
        """A whole number."""
        return NONE if number is None or math.isnan(number) else f"{number:,.0f}"

    def plain(self, number: float | None, digits: int = 3) -> str:
        """A number with so many significant digits, never as a power of ten."""
        if number is None or (isinstance(number, float) and math.isnan(number)):
            return NONE
        if math.isinf(number):
            return "∞" if number > 0 else "-∞"
        if number != 0 and abs(number) < 10 ** (-digits - 2):
            return f"{number:.2g}"
        places = digits - 1 - (math.floor(math.log10(abs(number))) if number else 0)
        told = f"{round(number, places) + 0.0:,.{max(places, 0)}f}"
        return told.rstrip("0").rstrip(".") if "." in told else told

    def date(self, when: Any) -> str:
        """A date as YYYY-MM-DD; text stays as it is, and nothing stays nothing."""
        if when is None or (isinstance(when, float) and math.isnan(when)):
            return NONE
        return when if isinstance(when, str) else f"{when:%Y-%m-%d}"


def _three_digits(value: float) -> str:
    places = max(2 - math.floor(math.log10(abs(value))), 0) if value else 0
    told = f"{value:,.{places}f}"
    return told.rstrip("0").rstrip(".") if "." in told else told

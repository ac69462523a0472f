"""Numbers as people write them: which mark is the decimal one is told by a file as a whole, never cell by cell."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cqkit.errors import InputError

MISSING: Final = frozenset(
    {
        "",
        ".",
        "..",
        "-",
        "--",
        "---",
        "–",
        "—",
        "n/a",
        "na",
        "#n/a",
        "#n/a n/a",
        "#value!",
        "#ref!",
        "#div/0!",
        "#name?",
    }
    | {"nan", "null", "none", "nil", "\\n", "nat", "<na>", "missing", "?", "无", "暂无"}
)
MARKS: Final = {".": "decimal points", ",": "decimal commas"}

# Blanks and apostrophes only ever stand between thousands.
_GROUPS: Final = " \u00a0\u2009\u202f'’"
_CURRENCY = re.compile(
    r"^(?:[¥￥$€£₹₩]|hk\$|us\$|rmb|cny|usd|eur|gbp|hkd|inr)\s*|\s*(?:[¥￥$€£₹₩元]|rmb|cny|usd|eur|gbp|hkd|inr|pts|点)$",
    re.IGNORECASE,
)
_BODY = re.compile(rf"[+-]?(?:\d[\d.,{_GROUPS}]*|[.,]\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_GROUPED: Final = {
    "": re.compile(rf"[+-]?\d{{1,3}}(?:[{_GROUPS}]\d{{3}})+", re.ASCII),
    ",": re.compile(r"[+-]?\d{1,3}(?:,\d{3})+", re.ASCII),
    ".": re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+", re.ASCII),
}
_SUFFIX = re.compile(r"(?<=\d)\s*(?:[kmbt]|mio|mrd|mn|bn|万|亿|%|‰)\.?$", re.IGNORECASE)


@dataclass(frozen=True)
class NumberStyle:
    """How a file writes numbers.

    Attributes
    ----------
    decimal : {".", ","}
        Its decimal mark; the other one may stand between thousands.
    doubted : str
        What else the marks may mean, where the file does not say; empty where it does.
    """

    decimal: str = "."
    doubted: str = ""

    @property
    def thousands(self) -> str:
        """The mark that may stand between thousands."""
        return "," if self.decimal == "." else "."


def is_missing(cell: str) -> bool:
    """Tell a cell in which no value was known."""
    return cell.strip().lower() in MISSING


def like_a_number(cell: str) -> bool:
    """Tell a number in any style, with its currency, unit of thousands or percent sign."""
    body = _body(cell)
    return _BODY.fullmatch(body) is not None and any(character.isdigit() for character in body)


def parse_number(cell: str, style: NumberStyle) -> float:
    """Parse a finite number, with or without its currency; the ValueError says what is allowed."""
    text = _CURRENCY.sub("", cell.strip()).replace("\u2212", "-")
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    if suffix := _SUFFIX.search(text):
        mark = suffix[0].strip()
        raise ValueError(f"must be a price, not a percentage or volume ({mark})")
    whole, mark, rest = text.partition(style.decimal)
    for group in ("", style.thousands):
        if _GROUPED[group].fullmatch(whole):
            whole = re.sub(rf"[{_GROUPS}.,]", "", whole)
    plain = f"{whole}.{rest}" if mark else whole
    if not _PLAIN.fullmatch(plain):
        number = math.nan
        if re.fullmatch(r"[+-]?inf(inity)?", plain.lower()):
            raise ValueError("must be finite")
    else:
        number = float(plain)
    if math.isnan(number):
        written = "plain digits with a decimal point" if style.decimal == "." else "digits with a decimal comma"
        raise ValueError(f"must be a number, {written}")
    if math.isinf(number):
        raise ValueError("must be finite")
    return number


def style_of(
    name: str,
    columns: Sequence[Sequence[tuple[int, str]]],
    price: Sequence[tuple[int, str]],
    delimiter: str = ",",
    decimal: str | None = None,
    *,
    level_matters: bool = False,
    all_matter: bool = False,
) -> NumberStyle:
    """Tell the decimal mark by all numbers of a file.

    Parameters
    ----------
    name : str
        The file, for messages.
    columns : sequences of (row, cell)
        Every column of numbers.
    price : sequence of (row, cell)
        The one that matters; where a mark may be either, the path that it makes decides.
    delimiter : str
        What stands between cells: where it is a semicolon, a comma is a decimal one.
    decimal : {".", ","}, optional
        What the user says that it is.
    level_matters : bool
        Whether prices a thousand times as high would be another thing; returns are the same.
    all_matter : bool
        Whether all columns are read, so that none may contradict another.

    Raises
    ------
    InputError
        When the file contradicts itself, or could mean either.
    """
    if decimal is not None:
        return NumberStyle(decimal)
    told = {mark: _told(itertools.chain(price, *columns), mark) for mark in MARKS}
    if told["."] and told[","] and not all_matter:
        told = {mark: _told(price, mark) for mark in MARKS}
    if told["."] and told[","]:
        (row, cell), (other_row, other) = told["."], told[","]
        raise InputError(
            f"{name}: row {row}: {cell} and row {other_row}: {other}: both in one file: must have one decimal mark: "
            "say which with --decimal"
        )
    if told["."] or told[","]:
        return NumberStyle("." if told["."] else ",")
    return _by_path(name, price, delimiter, level_matters)


def _body(cell: str) -> str:
    """A cell without its currency and what stands behind the number."""
    return _SUFFIX.sub("", _CURRENCY.sub("", cell.strip()))


def _told(cells: Iterable[tuple[int, str]], decimal: str) -> tuple[int, str] | None:
    """The first cell that can only be read with this decimal mark."""
    other = "," if decimal == "." else "."
    for row, cell in cells:
        body = _body(cell)
        if not _BODY.fullmatch(body) or not (decimal in body or other in body):
            continue
        plain = re.sub(rf"[{_GROUPS}]", "", body)
        if _reads_with(plain, decimal) and not _reads_with(plain, other):
            return row, cell
    return None


def doubtful_point(columns: Iterable[Iterable[tuple[int, str]]]) -> tuple[int, str] | None:
    """The first cell, as 1.500, whose point may be a decimal one or stand between thousands; None if any cell tells."""
    cells = [one for column in columns for one in column]
    if _told(cells, ".") or _told(cells, ","):
        return None
    for row, cell in cells:
        body = _body(cell)
        if "." in body and _BODY.fullmatch(body) and _reads_with(body, ".") and _reads_with(body, ","):
            return row, cell
    return None


def _reads_with(body: str, decimal: str) -> bool:
    """Tell whether a body is a number where this mark is the decimal one."""
    whole, mark, rest = body.partition(decimal)
    thousands = "," if decimal == "." else "."
    grouped = _GROUPED[thousands].fullmatch(whole) is not None and not whole.lstrip("+-").startswith("0")
    plain = f"{whole.replace(thousands, '')}.{rest}" if mark else whole.replace(thousands, "")
    return (thousands not in whole or grouped) and _PLAIN.fullmatch(plain) is not None


def _by_path(name: str, price: Sequence[tuple[int, str]], delimiter: str, level_matters: bool) -> NumberStyle:
    """Choose by the path that prices make, where every mark has three digits behind it: 998, 1.002."""
    price = [(row, cell) for row, cell in price if _reads(cell, ".") and _reads(cell, ",")]
    marked = [(row, cell) for row, cell in price if ("." in cell or "," in cell) and like_a_number(cell)]
    if not marked:
        return NumberStyle()
    row, shown = marked[0]
    mark = "," if any("," in cell for _, cell in marked) else "."
    as_decimal, as_thousands = NumberStyle(mark), NumberStyle("." if mark == "," else ",")
    jumps = [_largest_jump(price, style) for style in (as_decimal, as_thousands)]
    smooth, wild = math.log(2), math.log(50)
    plain, thousand = parse_number(shown, as_decimal), parse_number(shown, as_thousands)
    if jumps[0] > wild and jumps[1] < smooth:
        return NumberStyle(as_thousands.decimal, f"{shown} is {thousand:g}, as whole numbers stand beside it")
    if jumps[1] > wild and jumps[0] < smooth:
        return NumberStyle(mark, f"{shown} is {plain:g}, as whole numbers stand beside it")
    if min(jumps) > wild:
        factor = f"{math.exp(min(jumps)):.0f}" if min(jumps) < math.log(1e6) else "more than a million"
        raise InputError(
            f"{name}: row {row}: {shown}: may be {plain:g} or {thousand:g}, and prices jump by a factor of {factor} "
            "either way: say which with --decimal"
        )
    doubtful = level_matters and (plain < 10 or delimiter == ";")
    if mark == "." and not doubtful:
        return NumberStyle(".", f"{shown} is {plain:g}; with --decimal , it is {thousand:g}")
    if mark == "," and delimiter == ";" and not level_matters:
        return NumberStyle(",", f"{shown} is {plain:g}; with --decimal . it is {thousand:g}")
    if mark == "," and delimiter == ",":
        return NumberStyle(".", f"{shown} is {thousand:g}; with --decimal , it is {plain:g}")
    raise InputError(f"{name}: row {row}: {shown}: may be {plain:g} or {thousand:g}: say which with --decimal . or ,")


def _reads(cell: str, decimal: str) -> bool:
    """Tell whether a cell is a number where this mark is the decimal one."""
    try:
        parse_number(cell, NumberStyle(decimal))
    except ValueError:
        return False
    return True


def _largest_jump(price: Sequence[tuple[int, str]], style: NumberStyle) -> float:
    """The largest change of the logarithm from one price to the next."""
    logs = []
    for _, cell in price:
        try:
            number = parse_number(cell, style)
        except ValueError:
            continue
        if number > 0:
            logs.append(math.log(number))
    return max((abs(later - earlier) for earlier, later in itertools.pairwise(logs)), default=0.0)

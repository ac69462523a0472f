"""Dates as people write them: the form, and the order of day and month, are told by a file as a whole."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cqkit.errors import InputError
from cqkit.plain import shown

FIRST_YEAR, LAST_YEAR = 1700, 2200
_ALLOWED = "must be a date, YYYY-MM-DD"

# How the names of months begin in English, German, French, Spanish, Italian, Portuguese, Dutch and Polish.
_BEGINNINGS: Final = (
    "jan ene gen sty, feb fév lut, mar mär mrz maa, apr avr abr kwi, may mai mei maj mag maio, jun juin giu cze, "
    "jul juil lug lip, aug août aou ago sie, sep set wrz, oct okt ott out paź, nov lis, dec dez déc dic gru"
)
_MONTHS: Final = {start: month for month, starts in enumerate(_BEGINNINGS.split(","), 1) for start in starts.split()}
_CLOCK: Final = (
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?\s*(?P<half>[ap]m)?"
    r"\s*(?P<zone>z|utc|gmt|[+-]\d\d(?::?\d\d)?)?)?"
)


def _form(pattern: str) -> re.Pattern[str]:
    # Digits of other scripts are no digits here, while months may have accents.
    return re.compile((pattern + _CLOCK).replace(r"[^\W\d_]", "[^\\W0-9_]").replace(r"\d", "[0-9]"), re.IGNORECASE)


# Forms by name; in `numeric` day and month may stand either way.
_FORMS: Final = {
    "ymd": _form(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
    "compact": _form(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:\.0)?"),
    "chinese": _form(r"(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日?"),
    "minguo": _form(r"(?P<year>\d{2,3})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"),
    "numeric": _form(r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_>\d{1,2})(?P=mark)(?P<third>\d{4}|\d\d)"),
    "day_name_year": _form(
        r"(?:[^\W\d_]{2,12}[.,]*\s+)?(?P<day>\d{1,2})\.?[-\s/]*(?P<name>[^\W\d_]{3,12})\.?,?[-\s/]*"
        r"(?P<year>\d{4}|\d\d)"
    ),
    "name_day_year": _form(
        r"(?:[^\W\d_]{2,12}[.,]*\s+)?(?P<name>[^\W\d_]{3,12})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+"
        r"(?P<year>\d{4})"
    ),
}  # fmt: skip
_SERIAL = re.compile(r"(\d{5})(\.\d*)?", re.ASCII)
_SIX = re.compile(r"\d{6}", re.ASCII)
_EIGHT = re.compile(r"\d{8}", re.ASCII)
_EPOCH = re.compile(r"(\d{9,10}|\d{12,13}|\d{18,19})(\.0)?", re.ASCII)
_BEFORE_MINGUO = 1911
# What day number 0 stands for, in Excel's two systems; the second was that of Macintoshes.
_DAY_ZERO: Final = {"serial": datetime(1899, 12, 30), "serial 1904": datetime(1904, 1, 1)}
_EXCEL: Final = {"excel": "serial", "excel-1904": "serial 1904"}
# Forms that mean one day only, whatever the other dates of a file are.
_UNMISTAKABLE: Final = ("ymd", "compact", "chinese", "day_name_year", "name_day_year")
_TOKENS: Final = (("yyyy", "%Y"), ("yy", "%y"), ("mm", "%m"), ("dd", "%d"))


@dataclass(frozen=True)
class Dating:
    """How a file writes its dates.

    Attributes
    ----------
    form : str
        `ymd`, `compact`, `chinese`, `minguo`, `serial`, `serial 1904`, `epoch`, `named`, an order of `numeric` (dmy,
        mdy, yymmdd) or `format`.
    pattern : str
        What the user says that dates look like, for `format`.
    said : str
        How they are told, where they are not ISO; empty otherwise.
    mixed : bool
        Whether a date may have another form than the others, if it is unmistakable, as 2024-03-15 and 15-Mar-2024.
    """

    form: str = "ymd"
    pattern: str = ""
    said: str = ""
    mixed: bool = False

    def stamp(self, cell: str) -> datetime:
        """Parse a date with its time and zone, where it has them; the ValueError says what is allowed."""
        try:
            found = _parsed(cell.strip(), self)
        except OverflowError:
            raise ValueError(_ALLOWED) from None
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError(f"must be a date between the years {FIRST_YEAR} and {LAST_YEAR}")
        return found


def dating_of(
    file: str, cells: Sequence[str], date_format: str | None = None, beside: Sequence[str] | None = None
) -> Dating:
    """Tell by all cells of a column of dates how they are written.

    Parameters
    ----------
    file : str
        For messages.
    cells : sequence of str
        The column; a few cells may be wrong.
    date_format : str, optional
        What the user says: DD/MM/YYYY, MM/DD/YYYY, YYMMDD, excel, excel-1904, or a pattern as of `strptime`, %d.%m.%Y.
    beside : sequence of str, optional
        Another column of dates, as of expiries, in which day and month stand in the same order; then rows need not
        follow one another day by day.

    Raises
    ------
    InputError
        When day and month may stand either way, or the format is none.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if date_format is not None:
        return _asked(date_format)
    distinct = Counter(filled)
    counts = {
        form: sum(count for cell, count in distinct.items() if _matches(form, cell))
        for form in (*_FORMS, "serial", "epoch")
    }
    form = max(counts, key=lambda name: counts[name])
    if not counts[form]:
        _refuse_bare_digits(file, filled)
        return Dating()
    if form == "numeric":
        return _numeric(file, filled, beside)
    if form == "serial":
        form = _serial_system(filled)
    said = {
        "compact": "dates as YYYYMMDD",
        "minguo": "dates in years of the Republic of China (113 is 2024)",
        "serial": "dates as Excel's day numbers",
        "serial 1904": "dates as Excel's day numbers from 1904 on, else some would fall on Saturdays",
        "epoch": "dates as seconds since 1970",
    }
    named = form in {"day_name_year", "name_day_year"}
    return Dating("named" if named else form, said=said.get(form, ""))


def _asked(date_format: str) -> Dating:
    """What the user says that dates look like."""
    low = date_format.strip().lower()
    form, pattern = (_EXCEL[low], "") if low in _EXCEL else ("format", _strptime_pattern(date_format))
    return Dating(form, pattern, f"dates as {date_format}")


def _refuse_bare_digits(file: str, cells: list[str]) -> None:
    """Say what six or eight digits without marks may be: they are taken for no date unless it is said."""
    forms = {_SIX: ("YYMMDD", "DDMMYY", "MMDDYY"), _EIGHT: ("DDMMYYYY", "MMDDYYYY")}
    for digits, known in forms.items():
        usual = [cell for cell in cells if digits.fullmatch(cell)]
        read = {form: _all_dates(usual, _asked(form)) for form in known}
        able = _sound({form: days for form, days in read.items() if len(days) == len(usual)})
        if able and 2 * len(usual) > len(cells):
            said = f"may be {' or '.join(able)}: say it with --date-format {next(iter(able))}"
            raise InputError(f"{file}: dates such as {usual[0]}: {said}")


def _serial_system(cells: list[str]) -> str:
    """Tell which day Excel counts from: the one by which no date falls at a weekend, where only that one does."""
    days = {form: _all_dates(cells, Dating(form)) for form in _DAY_ZERO}
    if len(days["serial"]) > 4 and not _on_weekdays(days["serial"]) and _on_weekdays(days["serial 1904"]):
        return "serial 1904"
    return "serial"


def may_be_dates(cells: Sequence[str], *, serials: bool = False) -> bool:
    """Tell a column of dates: more than half of its cells look like one; Excel's day numbers only if they may."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    forms = (*_FORMS, "serial", "epoch") if serials else tuple(_FORMS)
    return bool(filled) and 2 * sum(any(_matches(form, cell) for form in forms) for cell in filled) > len(filled)


def zone_of(name: str) -> tzinfo:
    """A time zone by its name; InputError says what is allowed."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"tz = {shown(name)}: must be a time zone, as Asia/Shanghai or UTC") from None


def parse_day(found: str | date) -> datetime:
    """Parse a date, YYYY-MM-DD, as midnight of its day; the ValueError says what is allowed."""
    text = str(found).strip()
    stamp = Dating("compact" if _matches("compact", text) else "ymd").stamp(text)
    return datetime(stamp.year, stamp.month, stamp.day)


def _matches(form: str, cell: str) -> bool:
    """Tell whether a cell has this form, and not only its looks."""
    if form == "serial":
        found = _SERIAL.fullmatch(cell)
        return found is not None and 20_000 <= int(found[1]) <= 80_000
    if form == "epoch":
        return _EPOCH.fullmatch(cell) is not None
    found = _FORMS[form].fullmatch(cell)
    if found is None:
        return False
    if form == "compact":
        return FIRST_YEAR <= int(found["year"]) <= LAST_YEAR and 1 <= int(found["month"]) <= 12
    if form == "minguo":
        return len(found["year"]) == 3  # two digits may be any other order
    return "name" not in found.groupdict() or _month(found["name"]) is not None


def _month(name: str) -> int | None:
    """A month by the beginning of its name, in the languages of the usual sources."""
    low = name.lower().rstrip(".")
    return _MONTHS.get(low[:4], _MONTHS.get(low[:3]))


def _parsed(cell: str, dating: Dating) -> datetime:
    """Parse one cell in the form of its file."""
    if dating.form == "format":
        try:
            return datetime.strptime(cell, dating.pattern)
        except ValueError:
            if not dating.mixed:
                raise ValueError(f"must be a date in the format {dating.pattern}") from None
    if dating.form in _DAY_ZERO and (found := _SERIAL.fullmatch(cell)):
        return _DAY_ZERO[dating.form] + timedelta(days=float(found[0]))
    if dating.form == "epoch" and (found := _EPOCH.fullmatch(cell)):
        divisor = {9: 1, 10: 1, 12: 1_000, 13: 1_000}.get(len(found[1]), 1_000_000_000)
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(found[1]) / divisor)
    for name in (*_form_names(dating.form), *(_UNMISTAKABLE if dating.mixed else ())):
        found = _FORMS[name].fullmatch(cell)
        if found is not None:
            return _from_parts(found, dating.form if name in {"numeric", "minguo"} else name)
    raise ValueError(_ALLOWED if dating.form == "ymd" else f"{_ALLOWED}, or as the other dates of the file are")


def _form_names(form: str) -> tuple[str, ...]:
    if form in {"dmy", "mdy", "yymmdd"}:
        return ("numeric",)
    return ("day_name_year", "name_day_year") if form == "named" else (form,) if form in _FORMS else ()


def _from_parts(found: re.Match[str], form: str) -> datetime:
    """Put a date together; the ValueError says that there is none such."""
    parts = found.groupdict()
    if "first" in parts:
        three = parts["first"], parts["second_"], parts["third"]
        places = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "yymmdd": (0, 1, 2)}[form]
        year, month, day = (three[place] for place in places)
    else:
        year, month, day = parts["year"], parts.get("month") or str(_month(parts["name"]) or 0), parts["day"]
    if form == "minguo":
        full = int(year) + _BEFORE_MINGUO
    else:
        full = int(year) + (0 if len(year) == 4 else 1900 if int(year) >= 70 else 2000)
    hour = int(parts["hour"] or 0)
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"].lower() == "pm" else 0)
    try:
        return datetime(full, int(month), int(day), hour, int(parts["minute"] or 0), int(parts["second"] or 0),
                        tzinfo=_offset(parts["zone"]))  # fmt: skip
    except ValueError:
        raise ValueError(_ALLOWED) from None


def _offset(zone: str | None) -> timezone | None:
    """The zone that a stamp names, Z or +08:00."""
    if not zone:
        return None
    if zone.lower() in {"z", "utc", "gmt"}:
        return UTC
    sign, digits = (-1 if zone[0] == "-" else 1), zone[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0)))


def _numeric(file: str, cells: list[str], beside: Sequence[str] | None = None) -> Dating:
    """Tell the order of day and month: by a number above 12, or by the only order in which dates run on weekdays."""
    usual = [cell for cell in (*cells, *(beside or ())) if _matches("numeric", cell.strip())]
    if all(found is not None and found["mark"] == "." for found in map(_FORMS["numeric"].fullmatch, usual)):
        orders: dict[str, str] = {"DD.MM.YYYY": "dmy", "YY.MM.DD": "yymmdd"}
    else:
        orders = {"DD/MM/YYYY": "dmy", "MM/DD/YYYY": "mdy", "YY/MM/DD": "yymmdd"}
    read = {said: _all_dates(usual, Dating(form)) for said, form in orders.items()}
    best = max(len(days) for days in read.values())
    able = {said: days for said, days in read.items() if days and len(days) == best}
    able = _sound(able, series=beside is None)
    if len(able) > 1:
        raise InputError(f"{file}: dates such as {usual[0]}: may be {' or '.join(able)}: say which with --date-format")
    if not able:
        return Dating("dmy")
    (said,) = able
    return Dating(orders[said], said=f"dates as {said}")


def _sound(able: dict[str, list[datetime]], *, series: bool = True) -> dict[str, list[datetime]]:
    """Of several ways to read dates, those by which they are a series' trading days, as far as that tells."""
    for sound in (_run_one_way, _on_weekdays, _close_together) if series else (_on_weekdays,):
        able = {said: days for said, days in able.items() if sound(days)} or able
    return able


def _all_dates(cells: list[str], dating: Dating) -> list[datetime]:
    """The cells that are dates in this form."""
    days = []
    for cell in cells:
        try:
            days.append(dating.stamp(cell).replace(tzinfo=None))
        except ValueError:
            continue
    return days


def _run_one_way(days: list[datetime]) -> bool:
    steps = [later - earlier for earlier, later in itertools.pairwise(days)]
    return all(step >= timedelta(0) for step in steps) or all(step <= timedelta(0) for step in steps)


def _on_weekdays(days: list[datetime]) -> bool:
    return all(day.weekday() < 5 for day in days)


def _close_together(days: list[datetime]) -> bool:
    return all(abs(later - earlier) < timedelta(days=20) for earlier, later in itertools.pairwise(days))


def _strptime_pattern(text: str) -> str:
    """A pattern of `strptime`, from one or from letters, DD/MM/YYYY."""
    pattern = text.strip()
    if "%" not in pattern:
        pattern = pattern.lower()
        for letters, token in _TOKENS:
            pattern = pattern.replace(letters, token)
        if sorted(re.findall(r"%(\w)", pattern.lower())) != ["d", "m", "y"]:
            raise InputError(f"date_format = {text[:40]}: must be as DD/MM/YYYY or %d/%m/%Y")
        return pattern
    try:
        datetime.strptime(datetime(2024, 3, 15).strftime(pattern), pattern)
    except ValueError:
        raise InputError(f"date_format = {text[:40]}: must be as DD/MM/YYYY or %d/%m/%Y") from None
    return pattern

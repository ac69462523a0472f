"""Charts in Chinese: what they say in English is said anew by a catalogue of sentences, `zh.toml`.

Every chart is written once, in English. A sentence of the catalogue has places in braces; what stands there is said
anew too, if the catalogue knows it, and kept if it does not: names of scenarios, policies and keys, and whatever
authors of scenarios and files wrote.
"""

from __future__ import annotations

import calendar
import re
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

from cqkit.errors import InputError
from crowdquake.fonts import FAMILY, PackFont, find_font, signs_of

LANGUAGES = ("en", "zh")
_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = dict(zip(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "一二三四五六日", strict=True))
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*"
_DAY = rf"(?P<name>{'|'.join(_DAYS)})[a-z]*"
_DATE = re.compile(rf"(?:{_DAY}\s)?(?P<day>\d\d?)(?: {_MONTH}(?: (?P<year>\d{{4}}))?)?")
_SPAN = re.compile(rf"(\d\d?(?: {_MONTH})?) to (?P<last>\d\d? [A-Z][a-z]+)")
_NUMBER = r"[-+]?[\d.,]+"
_MONEY = re.compile(r"([A-Z]{3}) ([\d.,]+) ?(bn|m)")
_SENTENCES, _CLAUSES = re.compile(r"(\. (?=[A-Z0-9])|\n)"), re.compile(r"(; |, (?=[a-z\d]))")
_JOINS = {"; ": "；", ", ": "，", ". ": "。", "\n": "\n"}


@dataclass
class _Spoken:
    """The language of charts that are drawn now, and the font that they have got."""

    lang: str = "en"
    signs: str = ""
    untold: set[str] = field(default_factory=set)
    folder: tempfile.TemporaryDirectory[str] | None = None


_spoken = _Spoken()


@contextmanager
def drawn_in(lang: str) -> Iterator[None]:
    """Draw charts in a language; InputError at once for one that there is none of, or without its font."""
    if lang not in LANGUAGES:
        raise InputError(f"--lang {lang}: must be {' or '.join(LANGUAGES)}")
    if lang == "zh":
        find_font(None)
    before = _spoken.lang
    _spoken.lang = lang
    try:
        yield
    finally:
        _spoken.lang = before


def spoken() -> str:
    """The language in which charts are drawn now."""
    return _spoken.lang


def untold() -> set[str]:
    """Words that charts have shown since they were last asked for, and that the catalogue does not know."""
    found = set(_spoken.untold)
    _spoken.untold.clear()
    return found


def say(text: str) -> str:
    """Text in the language of the charts; what the catalogue does not know stays as it is."""
    if _spoken.lang == "en" or not re.search("[A-Za-z]", text):
        return text
    told = _said(text.replace("\u00a0", " "))
    if told is None:
        _spoken.untold.add(text)
        return text
    return told.replace(" %", "%")


def wide(text: str) -> float:
    """How wide text is, in letters: Chinese signs take the room of nearly two."""
    return sum(1.75 if sign >= "\u2e80" else 1.0 for sign in text)


def say_all(figure: Figure) -> None:
    """Say every text of a figure in the language of the charts: labels, legends, and ticks that are named."""
    if _spoken.lang == "en":
        return
    said = {id(text) for text in (figure._suptitle, figure._supxlabel)}  # type: ignore[attr-defined]
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            labels = [tick.get_text() for tick in axis.get_ticklabels()]
            if any(re.search("[A-Za-z]", label) for label in labels):
                axis.set_ticklabels([say(label) for label in labels])
            said |= {id(label) for tick in axis.get_major_ticks() for label in (tick.label1, tick.label2)}
    for text in figure.findobj(Text):
        if id(text) not in said:
            text.set_text(say(text.get_text()))


def fonts_for(figure: Figure) -> dict[Any, Any]:
    """What is to be set as a figure is written, so that all its signs have a font; nothing in plain English."""
    texts = [text for text in figure.findobj(Text) if text.get_text()]
    signs = signs_of(text.get_text() for text in texts)
    if _spoken.lang == "en" and not any(sign >= "\u2e80" for sign in signs):
        return {}
    try:
        _install(signs)
    except InputError:
        if _spoken.lang == "en":  # names that users gave: written where there is a font for them
            return {}
        raise
    family = ["DejaVu Sans", FAMILY] if _spoken.lang == "en" else [FAMILY, "DejaVu Sans"]
    for text in texts:
        text.set_fontfamily(family)
    return {"font.family": family, "svg.fonttype": "path"}  # such a picture needs no font where it is looked at


def _install(signs: str) -> None:
    """Tell matplotlib of a font with these signs and those of before."""
    if _spoken.folder is not None and set(signs) <= set(_spoken.signs):
        return
    wanted = signs_of((signs, _spoken.signs, *catalogue().values()))
    made = PackFont(find_font(None), wanted)
    _spoken.folder = _spoken.folder or tempfile.TemporaryDirectory()
    known = font_manager.fontManager
    known.ttflist = [entry for entry in known.ttflist if entry.name != FAMILY]
    for weight, content in (("regular", made.regular), ("bold", made.bold)):
        path = Path(_spoken.folder.name) / f"{weight}-{len(wanted)}.ttf"
        path.write_bytes(content)
        known.addfont(path)
    _spoken.signs = wanted


@cache
def catalogue() -> dict[str, str]:
    """Sentences in Chinese by those in English."""
    text = files(__package__).joinpath("zh.toml").read_text(encoding="utf-8")
    return {str(key): str(value) for key, value in tomllib.loads(text).items()}


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Of sentences with places, those that say most themselves first."""
    found = []
    for english, other in catalogue().items():
        parts = re.split(r"\{(\w+)\}", english)
        if len(parts) == 1:
            continue
        literal = [re.escape(part) for part in parts[::2]]
        places = [f"(?P<{name}>{_place(name)})" for name in parts[1::2]] + [""]
        pattern = "".join(text + place for text, place in zip(literal, places, strict=True))
        found.append((sum(map(len, parts[::2])), re.compile(pattern, re.DOTALL), other))
    return [(pattern, other) for _, pattern, other in sorted(found, key=lambda item: -item[0])]


def _place(name: str) -> str:
    """What may stand in a place: a number, anything that is somebody's own, or a part of a clause."""
    if name.startswith("n_"):
        return _NUMBER
    return ".*?" if name.startswith(("own_", "rest")) else r"(?:(?!; |\. ).)*?"


@lru_cache(maxsize=4096)
def _said(text: str) -> str | None:
    """The words in Chinese; None if nothing of them is known."""
    known = _whole(text)
    if known is not None:
        return known
    valued = re.fullmatch(rf"(.+) ({_NUMBER}(?: %)?)", text)  # a name and its value
    if valued is not None and (name := _whole(valued[1])) is not None:
        return f"{name} {valued[2]}"
    for read in (_date, _money):
        told = read(text)
        if told is not None:
            return told
    for pattern, other in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            return other.format(**{name: _part(name, value) for name, value in found.groupdict().items()})
    return _by_sentence(text)


def _whole(text: str) -> str | None:
    """What the catalogue has of all of a text, or of it as a title."""
    known, rest = catalogue(), text[1:]
    return known.get(text) or known.get(text[:1].upper() + rest) or known.get(text[:1].lower() + rest)


def _part(place: str, text: str) -> str:
    """What stands in a place: said anew if it is known, and if it is not somebody's own."""
    if place.startswith("own_") or not re.search("[A-Za-z]", text):
        return text
    told = _said(text)
    return text if told is None else told


def _by_sentence(text: str) -> str | None:
    """Sentences one by one, and the clauses of one; between two that are known stands a Chinese sign."""
    if not _SENTENCES.search(text):
        bare = text.removesuffix(".")
        if bare != text:
            told = _said(bare)
            return None if told is None else f"{told}。"
    pieces = _SENTENCES.split(text)
    if len(pieces) == 1:
        pieces = _CLAUSES.split(text)
    if len(pieces) == 1:
        return None
    all_told = [_said(piece) if piece else None for piece in pieces[::2]]
    if not any(all_told):
        return None
    written = ""
    for place, (piece, found) in enumerate(zip(pieces[::2], all_told, strict=True)):
        written += piece if found is None else found
        if 2 * place + 1 < len(pieces):
            joint = pieces[2 * place + 1]
            written += joint if found is None else _JOINS[joint]
    return written


def _date(text: str) -> str | None:
    """A weekday, a day or a month as charts write them."""
    bare = re.fullmatch(_DAY, text)
    if bare is not None:
        return f"周{_DAYS[bare['name']]}"
    span = _SPAN.fullmatch(text)
    if span is not None:  # 7 to 9 August, or 30 July to 3 August
        first = span[1] if span["month"] else f"{span[1]} {span['last'].split()[1]}"
        last = _date(span["last"]) or ""
        return f"{_date(first)}至{last if span['month'] else last.partition('月')[2]}"
    found = _DATE.fullmatch(text)
    if found is None or not (found["name"] or found["month"]):
        return None
    day = f"{_MONTHS[found['month']]}月{found['day']}日" if found["month"] else f"{found['day']}日"
    if found["year"]:
        day = f"{found['year']}年{day}"
    if not found["name"]:
        return day
    return f"周{_DAYS[found['name']]}\n{day}" if "\n" in text else f"{day}（周{_DAYS[found['name']]}）"


def _money(text: str) -> str | None:
    """An amount in the units of Chinese."""
    found = _MONEY.fullmatch(text)
    if found is None:
        return None
    amount = float(found[2].replace(",", ""))
    return f"{found[1]} {10 * amount:,g} 亿" if found[3] == "bn" else f"{found[1]} {100 * amount:,g} 万"

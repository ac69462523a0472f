"""Text files: which encoding they are in, and what stands between their cells."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from typing import Final

from cqkit.errors import InputError
from cqkit.readers.base import what_it_is

DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Pairs of the common Chinese characters, and the quadruples of GB18030.
_GB2312 = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]|[\x81-\xfe][0-9][\x81-\xfe][0-9]")
_HIGH = re.compile(rb"[\x80-\xff]")
_SEP_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)
# A number or a date, as it stands in a cell: what a good delimiter leaves.
_PLAIN = re.compile(
    r"[^\w\s]{0,3}[+-]?\d[\d.,'’:/ \-\u00a0\u2009\u202f]*%?|\d{4}-\d\d-\d\d[T ][\d:.+Z-]+|[.-]?", re.ASCII
)
_LOOKED_AT = 400  # lines that are enough to tell a delimiter


def decode(name: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    """Turn a file's bytes into text: by its mark, as UTF-8, or else by what its bytes look like, with a note.

    Raises
    ------
    InputError
        When the file is no text.
    """
    found = what_it_is(data)
    if found is not None:
        what, ending = found
        mend = f"give its name the ending {ending}" if ending else "bring the table itself, as CSV"
        raise InputError(f"{name}: is {what}, no CSV: {mend}")
    encoding, notes = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{name}: row {row}: byte {error.start} = 0x{data[error.start]:02x}: must be text in UTF-8: "
            "save the file as CSV in UTF-8"
        ) from error
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:15].lower().startswith(("<!doctype", "<html", "<?xml")) or "<table" in text[:2000].lower():
        raise InputError(f"{name}: is a web page, no table: open it and save it as CSV")
    return text, notes


def _encoding(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The encoding of a file, and a note where it is a guess."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, ()
    beginning = data[:4000]
    if beginning.count(0) > len(beginning) // 4:
        return ("utf-16-le" if beginning[1::2].count(0) > beginning[::2].count(0) else "utf-16-be"), ("read as UTF-16",)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8", ()
    # Chinese characters are pairs of high bytes; the accented letters of the West stand alone among plain ones.
    high = len(_HIGH.findall(data))
    if 2 * len(_GB2312.findall(data)) >= 0.9 * high:
        try:
            data.decode("gb18030")
        except UnicodeDecodeError:
            pass
        else:
            return "gb18030", ("read as GBK (GB18030)",)
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1", ("read as Latin-1",)
    return "cp1252", ("read as Latin-1 (Windows-1252)",)


def delimiter_of(text: str) -> str:
    """Tell what stands between the cells: what leaves rows of one width and cells of plain numbers and dates."""
    lines = [line for line in text.splitlines()[:_LOOKED_AT] if line.strip() and not is_comment(line)]
    if lines and (named := _SEP_LINE.fullmatch(lines[0])):
        return named[1]
    best, chosen = 0.0, ","
    for delimiter in DELIMITERS:
        try:
            rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        cells = [cell.strip() for row in rows if len(row) == width for cell in row]
        plain = sum(_PLAIN.fullmatch(cell) is not None for cell in cells) / len(cells)
        # Words are no sign either way; another delimiter left inside a cell is a bad one.
        torn = sum(any(other in cell for other in DELIMITERS if other != ",") for cell in cells) / len(cells)
        score = count / len(rows) * (0.2 + plain) * (1 - torn)
        if score > best + 1e-9:
            best, chosen = score, delimiter
    return chosen


def is_comment(line: str) -> bool:
    """Tell a line that is there for the reader only; `#N/A` is a missing value."""
    begun = line.lstrip().lstrip('"')
    return begun.startswith(("#", "//")) and not begun.upper().startswith(("#N/A", "#VALUE", "#REF", "#DIV", "#NAME"))


def sep_line(row: list[str], delimiter: str) -> bool:
    """Tell the line `sep=;` by which spreadsheets are told the delimiter."""
    return _SEP_LINE.fullmatch(delimiter.join(row)) is not None

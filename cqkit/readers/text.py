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
BLANKS: Final = {"  ": "two or more blanks", " ": "blanks"}

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Pairs of the common Chinese characters, and the quadruples of GB18030.
_GB2312 = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]|[\x81-\xfe][0-9][\x81-\xfe][0-9]")
# Encodings of East Asia by characters that tables of prices use, of which other encodings make rare ones.
_EAST_ASIA: Final = {
    "gb18030": ("GBK (GB18030)", "日期时间收盘价开高低成交量额涨跌幅净值基金指数证券代码名称单位点来源数据年月"),
    "cp950": ("Big5", "日期時間收盤價開高低成交量額漲跌幅淨值基金指數證券代號名稱單位點來源資料年月"),
    "cp932": ("Shift JIS", "日付時間終値始高安出来売買前比指数銘柄名称年月"),
    "cp949": ("EUC-KR", "날짜일자종가시고저거래량대비등락률지수명"),
}
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
    if east := _east_asian(data):
        return east, (f"read as {_EAST_ASIA[east][0]}",)
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1", ("read as Latin-1",)
    return "cp1252", ("read as Latin-1 (Windows-1252)",)


def _east_asian(data: bytes) -> str | None:
    """The encoding of East Asia in which a text has most of a table's usual characters; None where none has two.

    A text without them is GBK if its bytes are pairs of common Chinese characters: the accented letters of the West
    stand alone among plain ones.
    """
    counts = {}
    for encoding, (_, usual) in _EAST_ASIA.items():
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        counts[encoding] = sum(character in usual for character in text)
    best = max(counts, key=lambda encoding: counts[encoding], default=None)
    if best is not None and counts[best] > 1:
        return best
    pairs = 2 * len(_GB2312.findall(data)) >= 0.9 * len(_HIGH.findall(data))
    return "gb18030" if pairs and "gb18030" in counts else None


def split_at_blanks(text: str) -> tuple[list[list[str]], str] | None:
    """Split lines at blanks, where every line falls into as many cells and no other delimiter does that; else None.

    Returns
    -------
    tuple
        A row of cells a line (of none for a blank line or a comment), and the kind of blanks of `BLANKS`.
    """
    lines = text.splitlines()
    filled = [line.strip() for line in lines if line.strip() and not is_comment(line)]
    if len(filled) < 2 or any(
        len({line.count(mark) for line in filled}) == 1 and mark in filled[0] for mark in DELIMITERS
    ):
        return None
    for blanks, pattern in zip(BLANKS, (r"\s{2,}", r"\s+"), strict=True):
        widths = {len(re.split(pattern, line)) for line in filled}
        if len(widths) == 1 and widths != {1}:
            rows = [[] if not line.strip() or is_comment(line) else re.split(pattern, line.strip()) for line in lines]
            return rows, blanks
    return None


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

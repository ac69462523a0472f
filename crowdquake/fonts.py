"""Fonts of the pack: English has those of matplotlib; Chinese brings its own, cut down to what is said.

The Chinese font is Noto Sans CJK (SIL Open Font License 1.1), which comes with the extra `zh` together with its
licence, or any other that is named. It is a variable font of some thirty thousand signs: the signs that a pack needs
are taken out of it, in two weights, which charts, page and PDF then share. fontTools is loaded where that is done:
English never needs it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cqkit.errors import InputError

FAMILY = "Crowdquake Pack"  # the subset's name, which no installed font has
WHEEL, FILE = "manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc"
SIMPLIFIED = "Noto Sans CJK SC"
NEEDED = "--lang zh: needs a Chinese font: pip install 'crowdquake[zh]', or name one with --font FILE"
LONG_AGO = 3_600_000_000  # seconds since 1904, of a font that is made anew each time
ALWAYS = "".join(map(chr, range(0x20, 0x7F))) + "\u00a0±×·–…∞≥≤％亿万"


def find_font(named: Path | None) -> Path:
    """The font that was named, or the one of the extra `zh`; InputError if there is none."""
    if named is not None:
        if not named.is_file():
            raise InputError(f"--font {named}: no such file: give a TTF, OTF or TTC file")
        return named
    wheel = find_spec(WHEEL)
    places = [] if wheel is None else list(wheel.submodule_search_locations or ())
    found = [Path(place) / FILE for place in places if (Path(place) / FILE).is_file()]
    if not found:
        raise InputError(NEEDED)
    return found[0]


@dataclass(frozen=True)
class PackFont:
    """A font's signs for a text.

    Attributes
    ----------
    path
        Of the whole font.
    text
        What is to be written.
    """

    path: Path
    text: str

    @property
    def regular(self) -> bytes:
        """Upright weight, as a font file of its own."""
        return _cut(self.path, self.text, 400, "Regular")

    @property
    def bold(self) -> bytes:
        """Bold weight; a font of one weight gives that."""
        return _cut(self.path, self.text, 700, "Bold")

    def missing(self) -> str:
        """Signs of the text that the font does not have."""
        known = _open(self.path).getBestCmap()
        return "".join(sorted({sign for sign in self.text if ord(sign) not in known and sign.isprintable()}))


@lru_cache(maxsize=8)
def _cut(path: Path, text: str, weight: int, style: str) -> bytes:
    """Draw the signs at a weight into a plain TrueType font, which charts, browsers and PDF all take."""
    from fontTools.fontBuilder import FontBuilder

    font = _open(path)
    known, units = font.getBestCmap(), font["head"].unitsPerEm
    cmap = {ord(sign): known[ord(sign)] for sign in signs_of((ALWAYS, text)) if ord(sign) in known}
    order = [".notdef", *sorted({*cmap.values()} - {".notdef"})]
    found = {name: _glyph(path, weight, name) for name in order}
    glyphs = {name: deepcopy(glyph) for name, (glyph, _) in found.items()}
    made = FontBuilder(units, isTTF=True)
    made.setupGlyphOrder(order)
    made.setupCharacterMap(cmap)
    made.setupGlyf(glyphs)
    margins = made.font["glyf"]
    made.setupHorizontalMetrics(
        {
            name: (width, margins[name].xMin if glyphs[name].numberOfContours else 0)
            for name, (_, width) in found.items()
        }
    )
    ascent, descent = font["hhea"].ascent, font["hhea"].descent
    made.setupHorizontalHeader(ascent=ascent, descent=descent)
    whose = {number: font["name"].getDebugName(number) for number in (0, 13, 14)}
    made.setupNameTable(
        {
            "familyName": FAMILY,
            "styleName": style,
            "fullName": f"{FAMILY} {style}",
            "psName": f"CrowdquakePack-{style}",
            "copyright": whose[0] or "",
            "licenseDescription": whose[13] or "",
            "licenseInfoURL": whose[14] or "",
        }
    )
    bold = style == "Bold"
    made.setupOS2(
        sTypoAscender=ascent,
        sTypoDescender=descent,
        usWinAscent=ascent,
        usWinDescent=-descent,
        usWeightClass=weight,
        fsSelection=0x20 if bold else 0x40,
    )
    made.setupPost(keepGlyphNames=False)
    made.updateHead(macStyle=int(bold), created=LONG_AGO, modified=LONG_AGO)
    made.font.recalcTimestamp = False
    out = io.BytesIO()
    made.font.save(out)
    return out.getvalue()


@lru_cache(maxsize=20_000)
def _glyph(path: Path, weight: int, name: str) -> tuple[Any, int]:
    """A sign's outline as quadratic curves, and its width."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    drawn = _drawn(path, weight)[name]
    pen = TTGlyphPen(None)
    drawn.draw(Cu2QuPen(pen, max_err=_open(path)["head"].unitsPerEm / 1000, reverse_direction=True))
    return pen.glyph(), round(drawn.width)


@lru_cache(maxsize=4)
def _drawn(path: Path, weight: int) -> Any:
    """All signs of a font at a weight, drawn as they are asked for."""
    return _open(path).getGlyphSet(location={"wght": weight})


@lru_cache(maxsize=2)
def _open(path: Path) -> Any:
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    try:
        if path.suffix.lower() in {".ttc", ".otc"}:
            fonts = TTCollection(path, lazy=True).fonts
            chosen = [font for font in fonts if SIMPLIFIED in str(font["name"].getDebugName(1))]
            return (chosen or fonts)[0]
        return TTFont(path, lazy=True)
    except (TTLibError, OSError, ValueError) as error:
        raise InputError(f"--font {path}: cannot be read as a font: {error}") from None


def signs_of(texts: Iterable[str]) -> str:
    """Every sign that texts have, once, in order."""
    return "".join(sorted(set().union(*map(set, texts))))

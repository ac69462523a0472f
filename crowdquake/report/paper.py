"""The pack as PDF/A, set by typst, which stops at a sign that no font has."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib

from cqkit.errors import InputError
from cqkit.folders import save_file
from crowdquake.fonts import FAMILY
from crowdquake.report.parts import Chart, Document, Part, Section

STANDARD = "a-2b"
NEEDED = "a .pdf needs typst: pip install 'crowdquake[pdf]', or write .html"


def paper_of(document: Document) -> bytes:
    """The pack as PDF/A-2b, the same bytes for the same document.

    Raises
    ------
    InputError
        If typst is not there, or a sign is in none of the fonts.
    """
    try:
        typst = import_module("typst")
    except ImportError:
        raise InputError(NEEDED) from None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pack.typ").write_text(
            files("crowdquake.report").joinpath("templates/pack.typ").read_text(encoding="utf-8"), encoding="utf-8"
        )
        charts: list[str] = []
        (folder / "pack.json").write_text(json.dumps(_plain(document, charts), ensure_ascii=False), encoding="utf-8")
        for number, svg in enumerate(charts):
            (folder / f"{number}.svg").write_text(svg, encoding="utf-8")
        fonts = [str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")]
        if document.font is not None:
            fonts.append(str(folder))
            (folder / "regular.ttf").write_bytes(document.font.regular)
            (folder / "bold.ttf").write_bytes(document.font.bold)
        try:
            made: bytes = typst.compile(
                str(folder / "pack.typ"),
                font_paths=fonts,
                ignore_system_fonts=True,
                pdf_standards=[STANDARD],
                timestamp=int(datetime.fromisoformat(f"{document.date}T00:00:00").replace(tzinfo=UTC).timestamp()),
            )
        except typst.TypstError as error:
            told = " ".join(str(error).split())
            raise InputError(f"{told}: pip install 'crowdquake[zh]', or name a font with --font FILE") from None
    return made


def write_paper(document: Document, path: Path) -> Path:
    """Write the pack as PDF/A; InputError if it cannot be set or written."""
    save_file(path, paper_of(document))
    return path


def _plain(document: Document, charts: list[str]) -> dict[str, Any]:
    """The document as plain values; charts are put aside, and told by their number."""
    front = document.front
    family = [FAMILY] if document.font is not None else []
    return {
        "title": document.title,
        "date": [int(part) for part in document.date.split("-")],
        "lang": document.lang,
        "fonts": [*family, "DejaVu Sans"] if document.lang == "zh" else ["DejaVu Sans", *family],
        "labels": document.labels,
        "front": {
            "question": front.question,
            "answer": list(front.answer),
            "decision": list(front.decision),
            "facts": list(front.facts),
            "picture": None if front.picture is None else _part(front.picture, charts),
        },
        "sections": [_section(item, charts) for item in document.sections],
    }


def _section(item: Section, charts: list[str]) -> dict[str, Any]:
    return {"title": item.title, "parts": [_part(one, charts) for one in item.parts]}


def _part(part: Part, charts: list[str]) -> dict[str, Any]:
    if isinstance(part, Chart):
        charts.append(part.svg)
        return {"kind": part.kind, "title": part.title, "foot": part.foot, "file": f"{len(charts) - 1}.svg"}
    told = asdict(part)
    if "marked" in told:
        told["marked"] = sorted(told["marked"])
    return {"kind": part.kind, **told}

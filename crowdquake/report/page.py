"""The pack as one HTML file: style and charts are in it, and nothing is fetched from elsewhere."""

from __future__ import annotations

import base64
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from cqkit.folders import save_file
from crowdquake.report.parts import Document

TEMPLATE = "page.html.jinja"


def page_of(document: Document) -> str:
    """The pack as HTML; all words are escaped, and charts are the only markup that is taken as it is."""
    environment = Environment(
        loader=PackageLoader("crowdquake.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    fonts = {}
    if document.font is not None:
        fonts = {"400": _data_url(document.font.regular), "700": _data_url(document.font.bold)}
    return environment.get_template(TEMPLATE).render(document=document, fonts=fonts) + "\n"


def _data_url(font: bytes) -> str:
    return f"data:font/ttf;base64,{base64.b64encode(font).decode('ascii')}"


def write_page(document: Document, path: Path) -> Path:
    """Write the pack as HTML; InputError if it cannot be written."""
    save_file(path, page_of(document).encode("utf-8"))
    return path

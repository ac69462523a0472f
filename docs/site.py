"""Hooks of the documentation's site (mkdocs.yml): pages and pictures from outside this folder, and links to them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

HOUSE = Path(__file__).parent.parent
PICTURES = HOUSE / "outputs" / "pictures"
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
ELSEWHERE = ("LICENSE", "CITATION.cff", "examples/")  # of the repository, and no page of the site


def on_files(files: Files, config: Any) -> Files:
    """Add the house's own pages and all pictures."""
    for name, page in PAGES.items():
        text = (HOUSE / name).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    for path in sorted(PICTURES.glob("*.png")):
        files.append(File.generated(config, f"pictures/{path.name}", abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Point links to where things lie in the site."""
    text = re.sub(r"\((?:\.\./)?outputs/pictures/", "(pictures/", markdown)
    text = re.sub(r"\((?:\.\./)?docs/", "(", text)
    for name, page in PAGES.items():
        text = re.sub(rf"\((?:\.\./)?{re.escape(name)}", f"({page}", text)
    for name in ELSEWHERE:  # a word without a link
        text = re.sub(rf"\[([^\]]+)\]\((?:\.\./)?{re.escape(name)}[^)]*\)", r"\1", text)
    return text

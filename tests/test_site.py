"""The documentation's site builds with the network off, every link of it leads somewhere, and nothing is fetched."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).parent.parent


def test_the_site_builds_without_a_warning_and_fetches_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)],
        cwd=HOUSE,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list(tmp_path.glob("*.html"))
    assert {path.stem for path in pages} >= {"index", "tutorial", "odd", "model-risk", "glossary", "parameters"}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r'(?:src="|<link[^>]+rel="stylesheet"[^>]+href=")https?://', text), page.name
        pictures = re.findall(r'<img[^>]+src="([^"]+)"', text)
        assert all((tmp_path / picture).is_file() for picture in pictures), page.name

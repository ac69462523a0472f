"""How a result shows itself: five lines where it is printed, a table and a picture in a notebook."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

MOST_SIGNS = 110  # of a line
_RENDERERS: list[Callable[[Any], str]] = []


def render_with(renderer: Callable[[Any], str]) -> None:
    """Let notebooks show results as the HTML that `renderer` makes of them; the last one given does."""
    _RENDERERS.append(renderer)


class Shown:
    """Base of results: `repr` in at most five lines, and HTML in notebooks; no holding of a book is in either."""

    def says(self) -> str:
        """What was found, in one line; empty where the result says it elsewhere."""
        return ""

    def __repr__(self) -> str:
        made: dict[str, Any] = getattr(self, "manifest", None) or {}
        whose = made.get("scenario") or getattr(self, "scenario", "") or ""
        named = whose if isinstance(whose, str) else getattr(whose, "name", "")
        chance = [
            f"{made[key]:,} {key}" if key == "paths" else f"{key} {made[key]}"
            for key in ("paths", "seed")
            if key in made
        ]
        head = ", ".join([part for part in (f"{type(self).__name__} {named}".strip(), *chance) if part])
        tables: dict[str, Any] = getattr(self, "tables", dict)()
        rows = ", ".join(f"{name} ({len(frame):,})" for name, frame in tables.items())
        lines = [
            head,
            self.says(),
            f"tables (rows): {rows}",
            ".tables(), .as_json(), .manifest; cq.save(result, folder)",
        ]
        return "\n".join(line if len(line) <= MOST_SIGNS else f"{line[: MOST_SIGNS - 1]}…" for line in lines if line)

    def _repr_html_(self) -> str:
        if _RENDERERS:
            return _RENDERERS[-1](self)
        return f"<pre>{html.escape(repr(self))}</pre>"

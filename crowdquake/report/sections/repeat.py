"""How to repeat every result: command, seed, digest, versions."""

from __future__ import annotations

from collections.abc import Sequence

from crowdquake.report.making import Pack
from crowdquake.report.parts import Listing, Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder

SHORT = ("study", "scenario", "digest", "seed", "paths", "written")
LONG = ("command", "overrides", "plugins", "versions")


@section("repeat", place=160)
def repeat(pack: Pack) -> Sequence[Part]:
    """A table of where every result is from, and what was typed."""
    words = pack.words
    rows = [(result.label, *(_cell(pack, result, name) for name in SHORT)) for result in pack.results]
    heads = [words("repeat.what"), *(words(f"repeat.{name}") for name in SHORT)]
    lines = []
    for name in LONG:
        told = {result.label: _cell(pack, result, name) for result in pack.results}
        told = {label: value for label, value in told.items() if value}
        if len(told) > 1 and len({*told.values()}) == 1 and len(told) == len(pack.results):
            told = {words("repeat.all"): next(iter(told.values()))}
        lines += [
            words("repeat.line", label=label, what=words(f"repeat.{name}"), value=value)
            for label, value in told.items()
        ]
    parts: list[Part] = [Table.of(words("repeat.table"), heads, rows, left=len(heads))]
    if lines:
        parts.append(Listing(tuple(lines)))
    return [*parts, Text(words("repeat.note"), small=True)]


def _cell(pack: Pack, result: ResultFolder, name: str) -> str:
    made, content = result.manifest, result.content
    if name == "study":
        return pack.words.either(f"studies.{result.study}", result.study)
    if name == "written":
        return result.written
    if name == "command":
        return result.command
    if name in {"overrides", "versions"}:
        return ", ".join(f"{key} {value}" for key, value in (made.get(name) or {}).items())
    if name == "plugins":
        return ", ".join(f"{item['file']} ({item['sha256'][:12]})" for item in made.get("plugins") or [])
    if name == "digest":
        return str(made.get("digest", ""))[:16]
    value = made.get(name, content.get(name))
    return "" if value is None or isinstance(value, dict | list) else str(value)

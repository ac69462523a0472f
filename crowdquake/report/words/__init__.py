"""The words of the pack: a catalogue a language, `en.toml` and `zh.toml`, with the same keys."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from cqkit.errors import InputError

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Words:
    """Sentences and labels in one language."""

    lang: str

    def __call__(self, key: str, /, **values: object) -> str:
        """The words of a key, its places filled with `values`; LookupError if the catalogue has none."""
        found = catalogue(self.lang).get(key)
        if found is None:
            raise LookupError(f"words/{self.lang}.toml: {key}: must be there")
        return found.format(**values)

    def either(self, key: str, otherwise: str) -> str:
        """The words of a key that need not be there: names of columns and figures, which users may add to."""
        return catalogue(self.lang).get(key, otherwise)


@cache
def catalogue(lang: str) -> dict[str, str]:
    """All words of a language by dotted key; InputError for a language that there is none of."""
    if lang not in LANGUAGES:
        raise InputError(f"--lang {lang}: must be {' or '.join(LANGUAGES)}")
    text = files(__name__).joinpath(f"{lang}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text)))


def _flat(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield above + key, value.strip()

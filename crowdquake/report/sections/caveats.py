"""What the pack cannot say: the limits of the model, and the notes of the results."""

from __future__ import annotations

from collections.abc import Sequence

from crowdquake.report.hedges import RESERVES, RUN
from crowdquake.report.making import Pack
from crowdquake.report.parts import Listing, Part, Text
from crowdquake.report.register import section


@section("caveats", place=150)
def caveats(pack: Pack) -> Sequence[Part]:
    """Limits of the model that bear on these results, and what the results themselves note."""
    words = pack.words
    simulated = any(result.manifest.get("scenario") or result.study == RESERVES for result in pack.results)
    items = [words("caveats.sufficient"), words("caveats.sampling")] if simulated else []
    if pack.of(RUN, RESERVES):
        items.append(words("caveats.desk"))
    if len(pack.results) > 1:
        items.append(words("caveats.several"))
    if words.lang != "en":  # what authors wrote is not translated
        items.append(words("caveats.authors"))
    notes: list[str] = []
    for result in pack.results:
        own = result.content.get("notes") or result.manifest.get("notes") or []
        notes += [f"{result.label}: {note}" for note in dict.fromkeys(map(str, own))]
    parts: list[Part] = [Listing(tuple(items))] if items else []
    if notes:
        parts += [Text(words("caveats.notes")), Listing(tuple(notes))]
    return parts

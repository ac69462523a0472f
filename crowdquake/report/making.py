"""Put a pack together: read the results, ask every section, and make the first page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from matplotlib.figure import Figure

from cqkit.errors import InputError
from crowdquake.fonts import PackFont, find_font, signs_of
from crowdquake.report.drawing import Drawing
from crowdquake.report.front import front_of
from crowdquake.report.hedges import RUN, hedge_facts, leading
from crowdquake.report.limits import Limit, parse_limits
from crowdquake.report.numbers import Numbers
from crowdquake.report.page import write_page
from crowdquake.report.paper import write_paper
from crowdquake.report.parts import Chart, Document, Listing, Part, Section, Table, Text
from crowdquake.report.register import SECTIONS
from crowdquake.report.results import ResultFolder, read_results
from crowdquake.report.words import Words, catalogue
from scenarios.reserves.mixing import MIXTURE

LABELS = ("question", "answer", "decision", "contents", "made", "page", "pack", "synthetic")


@dataclass(frozen=True, eq=False)
class Pack:
    """What sections are made from.

    Attributes
    ----------
    results
        In the order in which they were given; the first is the one reported on, where there are several of a kind.
    words, numbers, drawing
        How it is said and drawn.
    limits
        The committee's own, by figure.
    """

    results: tuple[ResultFolder, ...]
    words: Words
    numbers: Numbers
    drawing: Drawing
    limits: Mapping[str, Limit]

    def of(self, *studies: str) -> list[ResultFolder]:
        """Results of some types, in their order."""
        return [result for result in self.results if result.study in studies]

    def baseline(self, result: ResultFolder) -> str:
        """What a run's twin is called: nobody has to liquidate."""
        large = result.study == RUN and result.run.scenario.large_fund.book > 0
        return self.words("nobody" if large else "without")

    def chart(self, title: str, figure: Figure, foot: str = "") -> Chart:
        """A drawn figure as a part."""
        return Chart(title, self.drawing.svg(figure), foot)


def make_pack(
    folders: Sequence[str | Path],
    *,
    lang: str = "en",
    limits: Mapping[str, Limit] | None = None,
    font: Path | None = None,
    title: str = "",
) -> Document:
    """Read results and make the committee's pack of them.

    Parameters
    ----------
    folders
        Results that `--out` wrote. Of several of a kind the first is the one reported on, the others stand beside it.
    lang
        "en" or "zh".
    limits
        The committee's own, by figure.
    font
        With the signs of Chinese; default: that of the extra `zh`. Only read where it is needed.
    title
        Of the pack; default: the first scenario's.

    Raises
    ------
    InputError
        With a line for every folder that holds no whole result; if the language is unknown, or its font missing.
    """
    catalogue(lang)
    results = read_results(folders)
    named = _font_of(lang, font, _texts(results, lang))
    pack = Pack(results, Words(lang), Numbers(lang), Drawing(named, chinese=lang == "zh"), dict(limits or {}))
    made = {name: _made(pack, name) for name, _ in sorted(SECTIONS.items(), key=lambda pair: pair[1].place)}
    parts = {name: found for name, found in made.items() if found}
    document = Document(
        title=title or _title(pack),
        date=max(result.written for result in results),
        lang=lang,
        labels={name: pack.words(f"frame.{name}") for name in LABELS},
        front=front_of(pack, parts),
        sections=tuple(Section(name, pack.words(f"{name}.title"), found) for name, found in parts.items()),
    )
    said = signs_of(texts(document))
    drawn = named or _font_of(lang, font, [said])  # names of stocks may ask for a font that no chart does
    if drawn is None:
        return document
    whole = drawn if set(said) <= set(drawn.text) else PackFont(drawn.path, signs_of((said, drawn.text)))
    return replace(document, font=whole)


def _made(pack: Pack, name: str) -> tuple[Part, ...]:
    """A section's parts; a table or manifest that is not as it was written is a fault of the folder."""
    try:
        with pack.drawing.look():
            return tuple(SECTIONS[name].make(pack))
    except InputError:
        raise
    except (LookupError, TypeError, ValueError) as error:
        folders = ", ".join(result.label for result in pack.results)
        lacking = f"no {error} in them" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise InputError(
            f"{folders}: {name}: {lacking}: changed, or of another version? write them anew with --out"
        ) from error


def texts(document: Document) -> Iterator[str]:
    """All words that a document says outside its charts."""
    front = document.front
    yield from (document.title, document.date, *document.labels.values())
    yield from (front.question, *front.answer, *front.decision, *front.facts)
    yield from part_texts([front.picture] if front.picture else [])
    for section in document.sections:
        yield section.title
        yield from part_texts(section.parts)


def part_texts(parts: Sequence[Part]) -> Iterator[str]:
    """The words of parts."""
    for part in parts:
        if isinstance(part, Text):
            yield part.text
        elif isinstance(part, Listing):
            yield from part.items
        elif isinstance(part, Chart):
            yield from (part.title, part.foot)
        elif isinstance(part, Table):
            yield from (part.title, *part.heads)
            for row in part.rows:
                yield from row


def _title(pack: Pack) -> str:
    """The title of the scenario that the first page is about, or the name of what was studied."""
    about = leading(hedge_facts(pack.results))
    for result in pack.of(RUN):
        if about is None or about.source in {MIXTURE, result.manifest["scenario"]}:
            return result.run.scenario.title
    if about is not None:
        return f"{pack.words(f'studies.{about.result.study}')}: {about.source}"
    first = pack.results[0]
    study = pack.words.either(f"studies.{first.study}", first.study)
    named = first.manifest.get("scenario") or first.content.get("title") or first.label
    return f"{study}: {named}"


def _texts(results: Sequence[ResultFolder], lang: str) -> list[str]:
    """Whatever may be written into a chart: the catalogue, names of folders, what results say of themselves."""
    found = [*catalogue(lang).values(), *(result.label for result in results)]
    return found + [to_json_text(result.content) for result in results]


def to_json_text(content: object) -> str:
    """Content as text with its signs as they are."""
    return json.dumps(content, ensure_ascii=False, default=str)


def _font_of(lang: str, named: Path | None, said: Sequence[str]) -> PackFont | None:
    """The font that Chinese needs; in an English pack only if it is there, for names that users gave."""
    signs = signs_of(said)
    if lang == "en" and named is None and not any(sign >= "\u2e80" for sign in signs):
        return None
    try:
        return PackFont(find_font(named), signs)
    except InputError:
        if lang == "en" and named is None:
            return None
        raise


def writer_of(path: Path) -> Callable[[Document, Path], Path]:
    """What writes a pack to a file, by its ending; InputError if it can be none."""
    write = {".html": write_page, ".pdf": write_paper}.get(path.suffix.lower())
    if write is None:
        raise InputError(f"{path}: must end in .html or .pdf")
    if path.is_dir():
        raise InputError(f"{path}: is a folder: give a file")
    return write


def pack(
    folders: str | Path | Sequence[str | Path],
    file: str | Path,
    *,
    lang: str = "en",
    limits: Mapping[str, float] | None = None,
    font: str | Path | None = None,
    title: str = "",
) -> Path:
    """Make the committee's pack of results on disk and write it; return the file.

    Parameters
    ----------
    folders
        Results that `save` or `--out` wrote.
    file
        To write: .html or .pdf.
    limits
        The committee's own, as `{"call_probability": 0.05}`.
    lang, font, title
        As of `make_pack`.

    Raises
    ------
    InputError
        With a line for every fault.
    """
    path = Path(file)
    write = writer_of(path)
    given = [folders] if isinstance(folders, str | Path) else list(folders)
    asked = parse_limits([f"{figure}={value}" for figure, value in (limits or {}).items()])
    named = None if font is None else Path(font)
    return write(make_pack(given, lang=lang, limits=asked, font=named, title=title), path)

"""Draw the rooms of the house from the imports: `python docs/draw_rooms.py outputs/pictures/rooms.png`.

A room is a folder of a package, or a module that stands beside the folders. Imports for type checkers alone do not
count. Inside a package a room stands to the right of all that it imports; an import within a function counts as well,
unless it is there to break a circle.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import matplotlib

matplotlib.use("Agg")

import networkx as nx
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

HOUSE = Path(__file__).parent.parent
PACKAGES = ("crowdquake", "validation", "scenarios", "abm", "hedging", "cqkit")  # from the top down
TOLD = {
    "crowdquake": "commands, charts, what is saved and told",
    "validation": "published results held against ours",
    "scenarios": "scenario files, ensembles, studies, results",
    "abm": "the market, its participants, its compiled trading day",
    "hedging": "contracts, margin account, policies, reserves",
    "cqkit": "shared tools: plug-ins, tables, statistics, files",
}
COLUMN, ROW, BOX_WIDTH, BOX_HEIGHT = 1.62, 0.46, 1.3, 0.32  # inches
BEND = 0.3  # room that a passing line takes, in rows
HEAD, GAP, LANE = 0.46, 0.42, 0.5
FILL = {"folder": "#c9dcec", "module": "#ffffff"}
INK, LINE, BAND = "#1f2933", "#8a97a5", "#f3f5f7"


class Import(NamedTuple):
    """A module that imports another; `late` if it does so within a function."""

    importer: str
    imported: str
    late: bool


Stop = tuple[str, int]  # a room in its column, or a line on its way to that room through another column


class Layout(NamedTuple):
    """Where a package's rooms stand: their columns, rows by stop, lines from stop to stop, and how many rows there are.

    Lines that go past a column share a place in it with all others on their way to the same room.
    """

    columns: dict[str, int]
    rows: dict[Stop, float]
    lines: set[tuple[Stop, Stop]]
    height: float


def modules() -> dict[str, Path]:
    """All modules of the six packages by their dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((HOUSE / package).rglob("*.py")):
            parts = path.relative_to(HOUSE).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports(known: dict[str, Path]) -> set[Import]:
    """Who imports whom among the modules."""
    found = set()
    for name, path in known.items():
        for target, late in _imported(ast.parse(path.read_text(encoding="utf-8"))):
            steps = target.split(".")
            module = next((one for n in range(len(steps), 0, -1) if (one := ".".join(steps[:n])) in known), name)
            if module != name:
                found.add(Import(name, module, late))
    return found


def _imported(node: ast.AST, late: bool = False) -> Iterator[tuple[str, bool]]:
    """Dotted names that a piece of code imports, and whether within a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from ((item.name, late) for item in child.names)
        elif isinstance(child, ast.ImportFrom) and child.level == 0:
            yield from ((f"{child.module}.{item.name}", late) for item in child.names)
        else:
            yield from _imported(child, late or isinstance(child, ast.FunctionDef))


def room_of(module: str) -> str:
    """The room that a module stands in, as `abm.inhabitants`."""
    return ".".join(module.split(".")[:2])


def rooms(package: str, known: dict[str, Path], found: set[Import]) -> nx.DiGraph:
    """A package's rooms; an edge leads from a room to one that it imports."""
    graph = nx.DiGraph()
    graph.add_nodes_from({room_of(name) for name in known if name.startswith(f"{package}.")})
    inside = [item for item in found if item.importer in known and _within(package, item)]
    for item in sorted(inside, key=lambda item: item.late):
        importer, imported = room_of(item.importer), room_of(item.imported)
        circle = item.late and nx.has_path(graph, imported, importer)
        if importer != imported and not circle:
            graph.add_edge(importer, imported)
    return graph


def _within(package: str, item: Import) -> bool:
    return item.importer.startswith(f"{package}.") and item.imported.startswith(f"{package}.")


def lay_out(graph: nx.DiGraph) -> Layout:
    """Columns by the longest chain of imports; rows so that lines are short, and pass between the boxes."""
    columns: dict[str, int] = {}
    for room in reversed(list(nx.lexicographical_topological_sort(graph))):
        columns[room] = 1 + max((columns[other] for other in graph.successors(room)), default=-1)
    lines: set[tuple[Stop, Stop]] = set()
    for importer, imported in nx.transitive_reduction(graph).edges:
        way = [(imported, n) for n in range(columns[importer] - 1, columns[imported] - 1, -1)]
        lines |= set(zip([(importer, columns[importer]), *way], way, strict=False))
    stops = {stop for line in lines for stop in line} | set(columns.items())
    by_column = [sorted(stop for stop in stops if stop[1] == n) for n in range(1 + max(columns.values()))]
    heights = [sum(_height(stop, columns) for stop in column) for column in by_column]
    rows: dict[Stop, float] = {}
    for _ in range(24):
        for column, height in zip(by_column, heights, strict=True):
            column.sort(key=lambda stop: _middle(lines, stop, rows))
            top = (max(heights) - height) / 2
            for stop in column:
                rows[stop] = top + _height(stop, columns) / 2
                top += _height(stop, columns)
    return Layout(columns, rows, lines, max(heights))


def _height(stop: Stop, columns: dict[str, int]) -> float:
    return 1.0 if columns[stop[0]] == stop[1] else BEND


def _middle(lines: set[tuple[Stop, Stop]], stop: Stop, rows: dict[Stop, float]) -> float:
    near = [rows[other] for line in lines if stop in line for other in line if other != stop and other in rows]
    return sum(near) / len(near) if near else rows.get(stop, 0.0)


def crossings(found: set[Import]) -> dict[tuple[str, str], int]:
    """How many pairs of modules there are of which one imports the other, by their packages."""
    pairs = {(item.importer, item.imported) for item in found}
    counts: dict[tuple[str, str], int] = {}
    for importer, imported in pairs:
        ends = importer.partition(".")[0], imported.partition(".")[0]
        if ends[0] != ends[1]:
            counts[ends] = counts.get(ends, 0) + 1
    return counts


def draw(target: Path) -> None:
    """Draw the picture."""
    known = modules()
    found = imports(known)
    layouts = {package: lay_out(rooms(package, known, found)) for package in PACKAGES}
    heights = {package: HEAD + ROW * layout.height for package, layout in layouts.items()}
    width = COLUMN * (1 + max(max(layout.columns.values()) for layout in layouts.values())) + 0.2
    lanes = _lanes(crossings(found))
    whole = (width + 0.35 + LANE * (1 + max(lane for lane, _ in lanes.values())) + 0.2, sum(heights.values()))
    figure = plt.figure(figsize=(whole[0] + 0.3, whole[1] + GAP * 4 + 1.75))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-0.2, whole[0] + 0.1)
    axes.set_ylim(-whole[1] - GAP * 4 - 0.85, 0.9)
    axes.axis("off")
    top, tops = 0.0, {}
    for package in PACKAGES:
        tops[package] = top
        _draw_package(axes, package, top, width, heights[package], known)
        _draw_rooms(axes, layouts[package], top - HEAD, known)
        top -= heights[package] + GAP
    _draw_crossings(axes, lanes, tops, heights, width)
    title = "Imports run one way: between packages down, inside a package to the left"
    axes.text(0, 0.42, title, fontsize=19, fontweight="bold", color=INK, va="center")
    foot = (
        f"Drawn by docs/draw_rooms.py from the import statements of {len(known)} modules. Shaded: folders, with their "
        "number of modules; white: single modules.\nLines inside a package: direct imports; those that a longer chain "
        "implies are left out. Numbers at the right: pairs of modules, of which the upper one imports the lower."
    )
    axes.text(0, top + GAP - 0.28, foot, fontsize=12, color=INK, va="top", linespacing=1.5)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=110, facecolor="white")
    plt.close(figure)


def _draw_package(axes: Axes, package: str, top: float, width: float, height: float, known: dict[str, Path]) -> None:
    axes.add_patch(Rectangle((0, top - height), width, height, fc=BAND, ec="#c4ccd4", lw=1, zorder=0))
    count = sum(name.partition(".")[0] == package for name in known)
    axes.text(0.12, top - 0.24, package, fontsize=16, fontweight="bold", color=INK, va="center")
    axes.text(1.75, top - 0.24, f"{TOLD[package]} ({count} modules)", fontsize=13, color=INK, va="center")


def _draw_rooms(axes: Axes, layout: Layout, top: float, known: dict[str, Path]) -> None:
    place = {stop: (0.12 + COLUMN * stop[1], top - ROW * row + 0.04) for stop, row in layout.rows.items()}
    for start, end in layout.lines:
        (x, y), (to_x, to_y) = place[start], place[end]
        axes.plot([x, to_x + BOX_WIDTH], [y, to_y], color=LINE, lw=1.2, zorder=1)
        if layout.columns[end[0]] != end[1]:
            axes.plot([to_x, to_x + BOX_WIDTH], [to_y, to_y], color=LINE, lw=1.2, zorder=1)
            continue
        axes.plot(to_x + BOX_WIDTH + 0.05, to_y, marker="<", color=LINE, ms=6, zorder=1)
    for room, column in layout.columns.items():
        x, y = place[room, column]
        count = sum(name.startswith(f"{room}.") for name in known)
        box = FancyBboxPatch(
            (x, y - BOX_HEIGHT / 2),
            BOX_WIDTH,
            BOX_HEIGHT,
            boxstyle="round,pad=0,rounding_size=0.05",
            fc=FILL["folder" if count else "module"],
            ec=INK,
            lw=1,
            zorder=2,
        )
        axes.add_patch(box)
        name = room.partition(".")[2] + (f" {count}" if count else "")
        axes.text(x + BOX_WIDTH / 2, y, name, fontsize=11.5, color=INK, ha="center", va="center", zorder=3)


def _lanes(counts: dict[tuple[str, str], int]) -> dict[tuple[str, str], tuple[int, int]]:
    """A lane for every arrow between packages, so that no two run over each other, and its count; short ones inside."""
    spans = {pair: tuple(map(PACKAGES.index, pair)) for pair in counts}
    taken: list[list[tuple[int, int]]] = []
    lanes = {}
    for pair, (first, last) in sorted(spans.items(), key=lambda item: (item[1][1] - item[1][0], item[1])):
        free = (n for n, lane in enumerate(taken) if all(last <= a or first >= b for a, b in lane))
        number = next(free, len(taken))
        if number == len(taken):
            taken.append([])
        taken[number].append((first, last))
        lanes[pair] = number, counts[pair]
    return lanes


def _draw_crossings(
    axes: Axes,
    lanes: dict[tuple[str, str], tuple[int, int]],
    tops: dict[str, float],
    heights: dict[str, float],
    width: float,
) -> None:
    """Arrows between packages, at the right: they leave a package in its lower half and arrive in the upper."""
    most = 1 + max(number for number, _ in lanes.values())
    for (upper, lower), (number, count) in lanes.items():
        x = width + 0.45 + LANE * number
        share = (number + 1) / (most + 1)
        start = tops[upper] - heights[upper] * (0.5 + 0.45 * (1 - share))
        end = tops[lower] - heights[lower] * (0.05 + 0.42 * share)
        axes.plot([width, x, x], [start, start, end], color=INK, lw=1.4, solid_joinstyle="round", zorder=1)
        arrow = {
            "arrowstyle": "-|>,head_width=0.22,head_length=0.4",
            "color": INK,
            "lw": 1.4,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        axes.annotate("", (width, end), (x, end), arrowprops=arrow, zorder=1)
        middle = (start + end) / 2
        box = {"boxstyle": "round,pad=0.18", "fc": "white", "ec": INK, "lw": 0.8}
        axes.text(x, middle, str(count), fontsize=12, color=INK, ha="center", va="center", bbox=box, zorder=4)


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else HOUSE / "outputs" / "pictures" / "rooms.png")

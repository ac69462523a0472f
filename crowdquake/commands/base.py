"""What all commands share: their register, the options that most have, the steps from the target to the answer."""

from __future__ import annotations

import inspect
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from cqkit.errors import InputError
from cqkit.plain import to_json
from cqkit.registry import Registry
from crowdquake.commands.signatures import as_command, as_typed, options

if TYPE_CHECKING:
    from abm import Settings
    from cqkit.results import Result
    from scenarios import Scenario, Study

F = TypeVar("F", bound=Callable[..., None])

ScenarioName = Annotated[str, typer.Argument(help="A scenario's name, or a TOML file.")]
Assignments = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set a key, as in funds.crowding=0.5.")
]
Book = Annotated[
    Path | None,
    typer.Option(
        "--book", metavar="FILE", help="The desk's own holdings: CSV, Parquet or Excel; `example`: a synthetic book."
    ),
]
Paths = Annotated[int, typer.Option(help="Histories simulated, of every case that is compared.")]
Seed = Annotated[int, typer.Option(help="Seed: equal seeds give equal results.")]
Workers = Annotated[int | None, typer.Option(help="Threads; default: all cores.")]
ExecutorName = Annotated[
    str, typer.Option("--executor", help="Who does the work: threads, processes, dask or dask:ADDRESS.")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the tables and charts.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]


def day_of(text: str) -> date:
    """A date as it is typed, for `day_option`; what it says of a wrong one is what readers of files say."""
    from hedging.series.dates import parse_day

    try:
        return parse_day(text).date()
    except ValueError as error:
        raise typer.BadParameter(f"{text or '(empty)'}: {error}") from None


def day_option(told: str) -> Any:
    """An option that takes a date: all commands have the same type, and say the same of a wrong one."""
    return typer.Option(parser=day_of, metavar="YYYY-MM-DD", help=told)


INTERRUPTED = 130  # as shells count: 128 + SIGINT


class _Commands(Registry[Callable[..., None]]):
    """Commands by name; their parameters are told as they are typed."""

    def parameters(self, name: str) -> dict[str, Any]:
        given = {word: item.default for item in options(self[name]) if (word := as_typed(item))}
        return {word: None if value is inspect.Parameter.empty else value for word, value in given.items()}


COMMANDS = _Commands("command")


EXAMPLES: dict[str, tuple[str, ...]] = {}
"""What one may type, by command."""

# In the order in which one comes to need them; all others come after these, in that of their files.
IN_ORDER = (
    *("scenarios", "run", "reserve", "hedge", "report", "explain", "breakpoint", "crowding", "cliff", "unwind"),
    *("sweep", "validate", "nulls", "early-warning", "domain", "replicate-report", "fear-gauge", "contracts"),
    *("parameters", "columns", "schema", "plugins", "study"),
)
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 120}


def command(name: str, *, examples: Sequence[str] = ()) -> Callable[[F], F]:
    """Return a decorator that makes a function a command; InputError if the name is taken.

    Its parameters are typer's; one whose type is a dataclass is an option for every field. Every command takes
    `--plugin` besides; the files are loaded before the command line is read any further. `examples` are lines that one
    may type, shown by `--help`.
    """
    EXAMPLES[name] = tuple(examples)
    return COMMANDS.register(name)


def make_app() -> Callable[..., Any]:
    """The application with all commands that are registered by now; called, it reads the command line."""
    return _app_of(tuple((name, COMMANDS[name]) for name in COMMANDS.names()))


@lru_cache(maxsize=1)  # a notebook or a test may call many commands, and to read all options takes a while
def _app_of(commands: tuple[tuple[str, Callable[..., None]], ...]) -> Callable[..., Any]:
    app = typer.Typer(
        name="crowdquake",
        help="Crowding-liquidation risk: how forced deleveraging turns into hedge losses and margin calls.",
        context_settings=CONTEXT,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback(invoke_without_command=True)(as_command(_root))
    place = {name: number for number, name in enumerate(IN_ORDER)}
    for name, function in sorted(commands, key=lambda one: place.get(one[0], len(place))):
        lines = "\n".join(f"  {line}" for line in EXAMPLES.get(name, ()))
        epilog = f"\b\nExamples:\n{lines}" if lines else None
        app.command(name, epilog=epilog, context_settings=CONTEXT)(as_command(function))
    return typer.main.get_command(app)


def plugin_files(words: Iterable[str]) -> list[Path]:
    """The files that a command line names with `--plugin`, before or after the command."""
    found: list[Path] = []
    remaining = iter(words)
    for word in remaining:
        if word == "--":
            break
        option, equals, value = word.partition("=")
        if option == "--plugin":
            given = value if equals else next(remaining, None)
            found += [] if given is None else [Path(given)]  # without a file it is complained of later, as others are
    return found


def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from crowdquake import __version__

        print(f"crowdquake {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def answer(
    work: Callable[[Callable[[float], None]], Result],
    *,
    out: Path | None,
    as_json: bool,
    saying: str = "",
    markets: Sequence[Settings] = (),
) -> Result:
    """Do a command's work and give its result: in a folder, as JSON, or told to people; return it.

    Parameters
    ----------
    work
        Gives the result; it is told a function to report its share done to. All that can be wrong with the arguments
        should have been found before, or be found at its beginning.
    out
        Folder to write to; it is looked at before the work is begun.
    as_json
        Whether to print JSON.
    saying
        What the bar that shows progress says; without it there is none.
    markets
        Settings of the markets that will be simulated: their kernels are compiled before the bar is shown.

    Raises
    ------
    InputError
        If the folder cannot be used.
    """
    from cqkit.folders import check_target
    from crowdquake import console

    if out is not None:
        check_target(out)
    console.compile_kernels(markets)
    with console.progress(saying) as progress:
        result = work(progress)
    if out is not None:
        from crowdquake.saving import save

        console.drawing(lambda: save(result, out, typed()))
    if as_json:
        print_json(result.as_json())
    else:
        console.tell(result, out)
        console.tell_notes(result)
    return result


def ask(
    study: Study,
    names: Sequence[str],
    *,
    paths: int,
    seed: int,
    assignments: Sequence[str] | None,
    out: Path | None,
    workers: int | None,
    as_json: bool,
    book: Path | None = None,
    executor: str = "threads",
    doing: str = "Simulating",
    join: Callable[[list[Any]], Result] | None = None,
) -> Any:
    """Put a study to a scenario, give its result and return it, having looked at all arguments before anything is run.

    Parameters
    ----------
    study
        With its parameters.
    names
        Of the scenarios: one, or as many as `join` makes one result of.
    paths, seed, assignments, out, workers, as_json, book, executor
        What the options of these names say.
    doing
        What the bar that shows progress says of the scenarios.
    join
        Makes one result of those of all scenarios.

    Raises
    ------
    InputError
        With a line for every fault in the scenarios or the arguments.
    """
    from scenarios import conduct, load_scenario
    from scenarios.ensemble import check_arguments
    from scenarios.studies import cases_of

    overrides = overrides_of(assignments, book)
    scenarios = [load_scenario(name, overrides) for name in names]
    check_arguments(paths, seed, workers)
    markets: list[Settings] = []
    for scenario in scenarios:
        markets += [case.settings for case in cases_of(study, scenario, paths, seed).values()]

    def work(progress: Callable[[float], None]) -> Any:
        def one(number: int, scenario: Scenario, pool: Executor | None) -> Any:
            return conduct(
                study,
                scenario,
                paths=paths,
                seed=seed,
                overrides=overrides,
                workers=workers,
                executor=pool,
                progress=lambda share: progress((number + share) / len(scenarios)),
            )

        with working(executor, workers) as pool:
            found = [one(number, scenario, pool) for number, scenario in enumerate(scenarios)]
        return found[0] if join is None else join(found)

    saying = f"{doing} {', '.join(scenario.name for scenario in scenarios)}"
    return answer(work, out=out, as_json=as_json, saying=saying, markets=markets)


@contextmanager
def working(executor: str, workers: int | None, otherwise: str = "") -> Iterator[Executor | None]:
    """Yield who does the work, as `--executor` names him; InputError if a worker is lost, and what can be done.

    That is told of an interruption too, where anything is kept.
    """
    from scenarios.executors import executor_named

    try:
        with executor_named(executor, workers) as pool:
            yield pool
    except BrokenExecutor:
        raise InputError(f"executor {executor}: a worker was lost{otherwise}") from None
    except KeyboardInterrupt:
        if not otherwise:
            raise
        print(f"interrupted{otherwise}", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None


def typed() -> str:
    """The command line as it can be typed anew: without where it wrote to, and files by their names alone."""
    words = iter(sys.argv[1:])
    kept = ["crowdquake"]
    for word in words:
        option, equals, value = word.partition("=")
        if option in {"--out", "-o", "--workers", "--executor"}:
            if not equals:
                next(words, None)
        elif word != "--json":
            file = Path(value if equals else word)
            name = file.name if file.is_absolute() or (len(file.parts) > 1 and file.exists()) else str(file)
            kept.append(f"{option}={name}" if equals else name)
    return shlex.join(kept)


def overrides_of(assignments: Sequence[str] | None, book: Path | None) -> dict[str, Any]:
    """What `--set` and `--book` set otherwise in a scenario; InputError with a line for what is wrong."""
    from scenarios import parse_overrides

    overrides = parse_overrides(assignments or [])
    if book is not None:
        if "desk.book" in overrides:
            raise InputError(f"--book {book}: desk.book is set besides: must be given once")
        overrides["desk.book"] = str(book)
    return overrides


def print_json(content: Any) -> None:
    """Print one JSON object."""
    print(to_json(content))

"""The command line: every command prints for people, or one JSON object with `--json`; faults end with exit code 2."""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hedging.exceptions import CrowdquakeError, InputError

app = typer.Typer(
    name="crowdquake",
    help="Crowding-liquidation risk: how forced deleveraging turns into hedge losses and margin calls.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]

INTERRUPTED = 130  # as shells count: 128 + SIGINT


def main() -> None:
    """Run the command line; a fault in the input is told in one line each and ends with exit code 2."""
    try:
        code = app(standalone_mode=False)
        if code == INTERRUPTED:  # typer has caught it
            raise KeyboardInterrupt
        sys.stdout.flush()
    except InputError as error:
        _fail(*error.faults)
    except CrowdquakeError as error:
        _fail(str(error))
    except typer.TyperException as error:
        _fail(error.format_message())
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        _drop_stdout()
        sys.exit(1)
    except OSError as error:  # files are dealt with where they are used: what is left is our own output
        _drop_stdout()
        _fail(f"the output cannot be written: {error.strerror or error}")
    except MemoryError:
        _fail("not enough memory: run fewer paths, funds or stocks")
    except (KeyboardInterrupt, typer.Abort):
        print("interrupted; nothing was written", file=sys.stderr)
        sys.exit(INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(*faults: str) -> None:
    for fault in faults:
        line = " ".join(fault.split())
        print("".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in line), file=sys.stderr)
    sys.exit(2)


def _drop_stdout() -> None:
    """Keep Python from trying once more to write what nobody can take."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.callback(invoke_without_command=True)
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


@app.command("scenarios")
def scenarios_command(as_json: Json = False) -> None:
    """List the scenarios with one line each."""
    from scenarios import load_scenario, scenario_names

    found = {name: load_scenario(name) for name in scenario_names()}
    if as_json:
        _print_json({name: {"title": item.title, "question": item.question} for name, item in found.items()})
        return
    width = max(len(name) for name in found)
    for name, scenario in found.items():
        print(f"{name:{width}}  {scenario.title}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a scenario file: every key with its meaning, unit and range."""
    from scenarios import Scenario

    print(json.dumps(Scenario.model_json_schema(by_alias=True), indent=2))


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="A scenario's name, or a TOML file.")],
    paths: Annotated[int, typer.Option(help="Histories simulated.")] = 300,
    seed: Annotated[int, typer.Option(help="Seed of the run.")] = 1,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set a key, as in funds.crowding=0.5.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results and charts.")] = None,
    counterfactuals: Annotated[
        bool, typer.Option(help="Run the scenario's counterfactuals and sensitivities too.")
    ] = True,
    workers: Annotated[int | None, typer.Option(help="Threads; default: all cores.")] = None,
    as_json: Json = False,
) -> None:
    """Simulate a scenario and its twin without the liquidator, and hold it against its targets."""
    from crowdquake import console
    from scenarios import load_scenario, parse_overrides, save
    from scenarios import run as simulate
    from scenarios.folders import check_target
    from scenarios.run import check_arguments

    checked = load_scenario(scenario, parse_overrides(assignments or []))
    check_arguments(paths, seed, workers)
    if out is not None:
        check_target(out)
    console.compile_kernels(checked.impact.law)
    with console.progress(f"Simulating {checked.name}") as progress:
        result = simulate(
            checked, paths=paths, seed=seed, counterfactuals=counterfactuals, workers=workers, progress=progress
        )
    if out is not None:
        from crowdquake.charts import save_all

        save(result, out, extras=lambda folder: console.drawing(lambda: save_all(result, folder)))
    if as_json:
        _print_json(console.run_json(result))
    else:
        console.print_run(result, out)


@app.command()
def hedge(
    index: Annotated[Path, typer.Option(help="CSV or Parquet of index closes: columns date and close.")],
    start: Annotated[str, typer.Option(help="Base close, YYYY-MM-DD.")],
    end: Annotated[str, typer.Option(help="Last day, YYYY-MM-DD.")],
    spot: Annotated[
        Path | None, typer.Option(help="CSV or Parquet of the stock book: columns date and close or nav.")
    ] = None,
    policy: Annotated[list[str] | None, typer.Option(help="Hedge policy; may be given several times.")] = None,
    base_nav: Annotated[float | None, typer.Option(help="Stock book's value at the base close.")] = None,
    reserve: Annotated[
        float | None, typer.Option(help="Cash behind the futures, a ratio to the book; default: what was needed.")
    ] = None,
    book: Annotated[float, typer.Option(help="Stock book at the base close, in money.")] = 23_475_000.0,
    margin: Annotated[float | None, typer.Option(help="Initial margin, a ratio; default 0.10.")] = None,
    when_exhausted: Annotated[
        str, typer.Option(help="A call beyond the reserve: top_up (outside money) or reduce (both legs are cut).")
    ] = "top_up",
    gains_fund_margin: Annotated[bool, typer.Option(help="Futures gains pay for margin.")] = False,
    round_contracts: Annotated[bool, typer.Option(help="Trade whole contracts.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for the daily accounts and a chart.")] = None,
    as_json: Json = False,
) -> None:
    """Replay hedge policies on your own series: return, reserve needed, margin calls."""
    from crowdquake import console
    from crowdquake.accounts import save_comparison
    from crowdquake.replays import hedge as replay
    from scenarios.folders import check_target

    if out is not None:
        check_target(out)
    comparison = replay(
        index,
        spot,
        policies=policy or ["full"],
        start=start,
        end=end,
        base_nav=base_nav,
        reserve=reserve,
        book=book,
        margin=margin,
        when_exhausted=when_exhausted,
        gains_fund_margin=gains_fund_margin,
        round_contracts=round_contracts,
    )
    if out is not None:
        save_comparison(comparison, out)
    if as_json:
        _print_json(comparison.as_json())
    else:
        console.print_hedge(comparison, out)


def _print_json(content: Any) -> None:
    print(json.dumps(_plain(content), indent=2, allow_nan=False))


def _plain(value: Any) -> Any:
    """Plain JSON values; what is not a finite number is null."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


if __name__ == "__main__":
    main()

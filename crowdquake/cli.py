"""The command line's entry: faults in the input are told in one line each and end with exit code 2."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import redirect_stdout

# What libraries make while they load stays to the end: to look through it again and again for what could be freed, and
# once more at the end, takes a third of the time of a short command.
NEW_OBJECTS = 50_000


def main() -> None:
    """Run the command line; a fault in the input is told in one line each and ends with exit code 2."""
    if sys.argv[1:] == ["--version"]:  # what shells ask for often needs nothing else
        from crowdquake import __version__

        print(f"crowdquake {__version__}")
        sys.exit(0)
    gc.set_threshold(NEW_OBJECTS)
    atexit.register(gc.freeze)
    _run()


def _run() -> None:
    import typer

    from cqkit.errors import CrowdquakeError, InputError
    from cqkit.extensions import load_extensions
    from crowdquake.commands import make_app
    from crowdquake.commands.base import INTERRUPTED, plugin_files

    try:
        with redirect_stdout(sys.stderr):  # what a file prints is no answer
            load_extensions(plugin_files(sys.argv[1:]))  # they may bring the very command that is asked for
        code = make_app()(prog_name="crowdquake", standalone_mode=False)
        if code == INTERRUPTED:  # typer has caught it
            raise KeyboardInterrupt
        if sys.stdout is not None:  # closed by whoever called us
            sys.stdout.flush()
    except InputError as error:
        _fail(*error.faults)
    except CrowdquakeError as error:
        _fail(str(error))
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)  # what was typed is wrong: where to look it up
        _fail(f"{error.format_message()}{f' (see {context.command_path} --help)' if context else ''}")
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        _drop_stdout()
        sys.exit(1)
    except OSError as error:  # files are dealt with where they are used: what is left is our own output
        _drop_stdout()
        _fail(f"the output cannot be written: {error.strerror or error}")
    except MemoryError:
        _fail("not enough memory: run fewer paths, days, funds or stocks")
    except (KeyboardInterrupt, typer.Abort):
        print("interrupted; nothing was written", file=sys.stderr)
        sys.exit(INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(*faults: str) -> None:
    for fault in faults:
        line = f"error: {' '.join(fault.split())}"
        print("".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in line), file=sys.stderr)
    sys.exit(2)


def _drop_stdout() -> None:
    """Keep Python from trying once more to write what nobody can take."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()

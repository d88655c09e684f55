"""The border around every command: an error becomes a line or two and an exit code. Main thread."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import typer

from studio.commands import CANCELLED, DONE, FAILED, WRONG_USAGE

# typer brought click at first and carries its own copy by now; its errors lead to either's base.
_UsageProblem = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)


def guarded(command: Callable[[], object], *, debug: bool = False) -> int:
    """Run a command; returns the exit code. With `debug`, tracebacks and the log are shown."""
    if debug:
        _show_log()
    try:
        code = command()
        sys.stdout.flush()
        return code if isinstance(code, int) else DONE
    except BrokenPipeError:
        # Who read our output has gone, as `| head` does; nothing more may be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (KeyboardInterrupt, typer.Abort):
        print("Cancelled.", file=sys.stderr)
        return CANCELLED
    except Exception as error:  # noqa: BLE001 - border: whatever comes becomes a line and a code
        if debug:
            import traceback

            traceback.print_exc()
        return _told(error)


def _told(error: Exception) -> int:
    if isinstance(error, _UsageProblem):
        return _wrong_usage(error)
    # Here, not above: the API's package brings numpy and pydantic.
    from studio.api.errors import ParamsError, StudioError

    if isinstance(error, StudioError):
        print(error, file=sys.stderr)
        return WRONG_USAGE if isinstance(error, ParamsError) else FAILED
    print(
        f"Something unexpected happened: {type(error).__name__}: {error}\n"
        "That is a fault of Folio; with --debug it shows where.",
        file=sys.stderr,
    )
    return FAILED


def _wrong_usage(error: Exception) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error, file=sys.stderr)
        return WRONG_USAGE
    message = getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    hint = f"\nSee '{context.command_path} --help'." if context is not None else ""
    print(f"{message}{hint}", file=sys.stderr)
    return WRONG_USAGE


def _show_log() -> None:
    import logging

    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("studio").setLevel(logging.DEBUG)

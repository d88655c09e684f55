"""The command line: names, options and help. What each command does is in `studio.commands`.

Imports nothing heavy: `studio --version` should cost little more than Python and typer.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from studio import __version__
from studio.commands import DONE, WRONG_USAGE

app = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Folio: a creative studio on your own machine. Without a command it opens the window.",
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 130 cancelled. "
    "--debug, anywhere, shows what went on underneath.",
)
models_app = typer.Typer(help="Models: list, show, add, remove, verify.", no_args_is_help=True)
plugins_app = typer.Typer(help="Plugins: list, enable, disable.", no_args_is_help=True)
history_app = typer.Typer(help="Results: list, show, again, export.", no_args_is_help=True)
app.add_typer(models_app, name="models")
app.add_typer(plugins_app, name="plugins")
app.add_typer(history_app, name="history")

COMMANDS = ("open", "generate", "generators", "models", "plugins", "history", "export", "doctor")

SafeMode = Annotated[bool, typer.Option("--safe-mode", help="Load only the bundled plugins.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


@app.callback()
def _main(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    pass


@app.command("open")
def open_window(
    file: Annotated[Path | None, typer.Argument(help="A folio, picture or text to open.")] = None,
    safe_mode: SafeMode = False,
) -> None:
    """Open the window (the default without a command)."""
    from studio.commands.window import open_window as command

    raise typer.Exit(command(file, safe_mode))


@app.command()
def generate(
    generator: Annotated[str, typer.Argument(metavar="ID", help="Such as writer.continue.")],
    model: Annotated[
        str, typer.Option("--model", help="A model's id; see 'studio models list'.")
    ] = "",
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Repeat a result.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="See 'studio generators ID'."),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input", metavar="NAME=PATH", help="A picture, or a text file ('-': stdin)."
        ),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="How many results.")] = 1,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where to write.")] = None,
    json_lines: Json = False,
    force: Force = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no words.")] = False,
    engine: Annotated[str, typer.Option("--engine", help="in_process or child.")] = "in_process",
    safe_mode: SafeMode = False,
) -> None:
    """Run a generator; text goes to the terminal, pictures to -o and the history."""
    from studio.commands.generate import generate as command
    from studio.commands.order import Order

    order = Order(
        generator=generator,
        model=model,
        seed=seed,
        settings=tuple(settings or ()),
        inputs=tuple(inputs or ()),
        count=count,
        output=output,
        json_lines=json_lines,
        force=force,
        quiet=quiet,
        engine=engine,
        safe_mode=safe_mode,
    )
    raise typer.Exit(command(order))


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="A folio, text, OpenRaster, PSD or picture.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Its ending says the format.")],
    film: Annotated[
        bool, typer.Option("--film", help="Each layer is a frame: .gif, .webp, .mp4, .zip.")
    ] = False,
    rate: Annotated[float, typer.Option("--rate", help="A film's frames a second.")] = 12.0,
    disclosure: Annotated[
        bool, typer.Option("--disclosure", help="A text ends with whose words it has.")
    ] = False,
    force: Force = False,
) -> None:
    """Write a folio's picture (PNG, JPEG, WebP, TIFF, OpenRaster, PSD, a film) or its text."""
    from studio.commands.export import export_file

    code = export_file(file, output, film=film, rate=rate, disclosure=disclosure, force=force)
    raise typer.Exit(code)


@app.command()
def generators(
    generator: Annotated[str | None, typer.Argument(metavar="[ID]")] = None,
    safe_mode: SafeMode = False,
) -> None:
    """List the generators, or one's parameters."""
    from studio.commands.lists import list_generators, show_generator

    if generator is None:
        list_generators(safe_mode)
    else:
        show_generator(generator, safe_mode)


@app.command()
def doctor(json_lines: Json = False) -> None:
    """Check this machine: each part with a verdict and a remedy."""
    from studio.commands.doctor import doctor as command

    raise typer.Exit(command(json_lines))


@models_app.command("list")
def models_list() -> None:
    """All models there are."""
    from studio.commands.lists import list_models

    list_models()


@models_app.command("show")
def models_show(model: str) -> None:
    """One model's facts."""
    from studio.commands.lists import show_model

    show_model(model)


@models_app.command("add")
def models_add(
    path: Path,
    copy: Annotated[bool, typer.Option("--copy", help="Copy it into Folio's own folder.")] = False,
) -> None:
    """Add a model: a GGUF or safetensors file, or a folder."""
    from studio.commands.lists import add_model

    add_model(path, copy)


@models_app.command("remove")
def models_remove(model: str) -> None:
    """Forget a model; files that Folio didn't copy stay."""
    from studio.commands.lists import remove_model

    remove_model(model)


@models_app.command("verify")
def models_verify(model: str) -> None:
    """Read a model's files again and compare."""
    from studio.commands.lists import verify_model

    raise typer.Exit(verify_model(model))


@plugins_app.command("list")
def plugins_list(safe_mode: SafeMode = False) -> None:
    """All plugins with their state, and where to put your own."""
    from studio.commands.lists import list_plugins

    list_plugins(safe_mode)


@plugins_app.command("enable")
def plugins_enable(name: str) -> None:
    """Load a plugin again from the next start on."""
    from studio.commands.lists import switch_plugin

    switch_plugin(name, disabled=False)


@plugins_app.command("disable")
def plugins_disable(name: str) -> None:
    """Leave a plugin out from the next start on."""
    from studio.commands.lists import switch_plugin

    switch_plugin(name, disabled=True)


@history_app.command("list")
def history_list(
    query: Annotated[str, typer.Argument(help="Words that must occur.")] = "",
    limit: Annotated[int, typer.Option(min=1)] = 20,
    json_lines: Json = False,
) -> None:
    """The newest results."""
    from studio.commands.history import list_history

    list_history(query, limit, json_lines)


@history_app.command("show")
def history_show(item: str) -> None:
    """One result with its record."""
    from studio.commands.history import show_item

    show_item(item)


@history_app.command("again")
def history_again(item: str) -> None:
    """Run a result's record again, and say whether the result is the same."""
    from studio.commands.history import again

    raise typer.Exit(again(item))


@history_app.command("export")
def history_export(item: str, path: Path, force: Force = False) -> None:
    """Write a result to a file or folder."""
    from studio.commands.history import export_item

    export_item(item, path, force)


def run(arguments: list[str]) -> int:
    """Run a command line; returns the exit code."""
    debug = "--debug" in arguments
    arguments = [word for word in arguments if word != "--debug"]
    if arguments == ["--version"]:
        print(f"Folio {__version__}")
        return DONE
    first = next((word for word in arguments if not word.startswith("-")), None)
    if first in COMMANDS:
        # Options may stand before the command too: `studio --safe-mode generate …`.
        at = arguments.index(first)
        arguments = [*arguments[at:], *arguments[:at]]
    elif first is not None or "--help" not in arguments:
        near = _near_command(first)
        if near:
            print(f"There is no file {first}. Did you mean 'studio {near}'?", file=sys.stderr)
            return WRONG_USAGE
        arguments = ["open", *arguments]
    from studio.commands.guard import guarded

    return guarded(lambda: app(arguments, prog_name="studio", standalone_mode=False), debug=debug)


def _near_command(word: str | None) -> str:
    """The command somebody mistyped, or "" for what looks like a file."""
    import difflib
    import os

    if word is None or "." in word or os.path.exists(word):
        return ""
    return next(iter(difflib.get_close_matches(word, COMMANDS, 1)), "")

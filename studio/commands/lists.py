"""`studio generators`, `studio models …`, `studio plugins …`: plain lists."""

from __future__ import annotations

import sys
from pathlib import Path

from studio.api.errors import StudioError
from studio.app import with_plugin_disabled
from studio.commands.installed import installed_models, installed_plugins
from studio.core.catalogue import RegisteredGenerator
from studio.core.fields import INPUT_KINDS, SEVERAL_KINDS, Field
from studio.io.paths import user_paths
from studio.io.settings_file import SettingsFile


def list_generators(safe_mode: bool) -> None:
    host = installed_plugins(safe_mode=safe_mode)
    for registered in host.generators.values():
        spec = registered.spec
        print(f"{spec.id:<20} {spec.title:<20} {spec.description}")
    for status in host.plugins:
        if status.state == "failed":
            print(f"The plugin {status.name} is out: {status.reason}", file=sys.stderr)


def show_generator(generator_id: str, safe_mode: bool) -> None:
    registered = installed_plugins(safe_mode=safe_mode).generator(generator_id)
    spec = registered.spec
    print(f"{spec.id} – {spec.title} (version {spec.version}, plugin {registered.plugin})")
    print(f"{spec.description} Yields: {', '.join(spec.yields)}.\n")
    for field in registered.fields:
        print(f"  {field.name:<20} {_field_line(field)}")
        print(f"  {'':<20} {field.description}")
        for line in _slider_lines(field, registered):
            print(f"  {'':<20} {line}")


def _field_line(field: Field) -> str:
    default = "needed" if field.required else f"default {field.default!r}"
    option = "--input" if field.kind in INPUT_KINDS else "--set"
    if field.kind in SEVERAL_KINDS:
        option += " once for each"
    elif field.kind == "weights":
        option += f" {field.name}=NAME=NUMBER,…"
    return ", ".join(part for part in (field.kind, field.range_text, default, option) if part)


def _slider_lines(field: Field, registered: RegisteredGenerator) -> list[str]:
    """The sliders that the best model there is brings along."""
    if field.kind != "weights" or not field.model_field:
        return []
    family = next(f.model_family for f in registered.fields if f.name == field.model_field)
    try:
        info = installed_models().best(family)
        sliders = installed_plugins().sliders(info, field.slider_source)
    except StudioError:
        return []  # without a model there are none to tell of
    names = ", ".join(slider.name for slider in sliders)
    return [f"Of {info.id}: {names}."] if names else []


def list_models() -> None:
    models = installed_models().all()
    for info in models:
        starter = "starter" if info.starter else ""
        gone = "" if info.path.exists() else "MISSING"
        print(
            f"{info.id:<32} {info.facts.family:<10} {info.facts.format:<12} "
            f"{info.size_bytes / 1e6:>9.1f} MB  {starter}{gone}"
        )
    if not models:
        print("No models yet. Add one: studio models add PATH", file=sys.stderr)


def show_model(model: str) -> None:
    info = installed_models().get(model)
    facts = info.facts
    for name, value in (
        ("id", info.id),
        ("title", facts.title),
        ("family", facts.family),
        ("format", facts.format),
        ("architecture", facts.architecture),
        ("parameters", f"{facts.parameters:,}" if facts.parameters else "unknown"),
        ("licence", facts.licence or "not said"),
        ("size", f"{info.size_bytes / 1e6:.1f} MB"),
        ("sha256", info.content_hash),
        ("path", info.path),
    ):
        print(f"{name:<14}{value}")
    if facts.recommended:
        said = ", ".join(
            f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in facts.recommended.items()
        )
        print(f"{'recommended':<14}{said}")
    for note in facts.notes:
        print(note)


def add_model(path: Path, copy: bool) -> None:
    info = installed_models().add(path, copy=copy)
    print(f"Added {info.id}: {info.facts.family}, {info.facts.architecture or info.facts.format}.")
    for note in info.facts.notes:
        print(note)


def remove_model(model: str) -> None:
    installed_models().remove(model)
    print(f"Removed {model}.")


def verify_model(model: str) -> int:
    problems = installed_models().verify(model)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print("Whole and unchanged.")
    return 1 if problems else 0


def list_plugins(safe_mode: bool) -> None:
    for status in installed_plugins(safe_mode=safe_mode).plugins:
        print(
            f"{status.name:<20} {status.source:<12} {status.state:<9} {', '.join(status.generators)}"
        )
        if status.reason:
            print(f"{'':<20} {status.reason}")
    print(f"\nYour own plugins go into {user_paths().plugins}")


def switch_plugin(name: str, *, disabled: bool) -> None:
    known = {status.name for status in installed_plugins().plugins}
    if name not in known:
        raise StudioError(
            "There is no such plugin.", where=name, remedy=f"Known: {', '.join(sorted(known))}."
        )
    paths = user_paths()
    paths.make()
    file = SettingsFile(paths.settings_file)
    settings, _ = file.load()
    file.save(with_plugin_disabled(settings, name, disabled))
    print(f"{name} is {'disabled' if disabled else 'enabled'} from the next start on.")

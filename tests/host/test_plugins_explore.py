"""Sliders and explorers that plugins tell of: checked, and a bad one harms nobody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.api import ModelFacts, ModelInfo, SliderSpec, StudioError
from studio.host.plugins import PluginHost
from tests.host.test_plugins import host_of, status_of
from tests.support import toy_faces

LISTED = "    return [\n        ExplorerSpec("
TOY = Path(toy_faces.__file__).read_text()
SLIDERS = """
from studio.api import SliderSpec, StudioError, hookimpl
FOLIO_API = 1
@hookimpl
def folio_sliders(model, source):
    {body}
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Callable[[str, str], None]:
    def write(name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text)

    return write


def _model(family: str = "toy-face") -> ModelInfo:
    facts = ModelFacts(family=family, format="toy")
    return ModelInfo(id="m", path=Path("m"), facts=facts, content_hash="0", size_bytes=1)


def test_sliders_and_explorers_are_told(plugin: Callable[[str, str], None], tmp_path: Path) -> None:
    plugin("faces", TOY)
    host = host_of(tmp_path, safe_mode=False)
    names = [slider.name for slider in host.sliders(_model(), "directions")]
    assert names == ["smile", "age", "light"]
    assert host.sliders(_model(), "other") == ()
    assert host.sliders(_model("gan-of-nobody"), "directions") == ()
    (explorer,) = (e for e in host.explorers if e.id == "face.explore")
    assert explorer.generators == {
        "sample": "face.sample", "edit": "face.edit", "walk": "face.walk",
    }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        "raise ZeroDivisionError",
        "return 42",
        "return ['smile']",
        "return [SliderSpec('a', 'A'), SliderSpec('a', 'B')]",
        "raise SystemExit(1)",
    ],
)
def test_sliders_of_a_faulty_plugin_count_as_none(
    body: str, plugin: Callable[[str, str], None], tmp_path: Path
) -> None:
    plugin("bad", SLIDERS.format(body=body))
    plugin("faces", TOY)
    assert len(host_of(tmp_path).sliders(_model(), "directions")) == 3


@pytest.mark.parametrize(
    ("taken", "told"),
    [
        ("model", "model.id"),
        ("source", "source"),
        ("data_dir", "data_dir.parent.name + '-' + data_dir.name"),
    ],
)
def test_sliders_hook_may_leave_out_arguments(
    taken: str, told: str, plugin: Callable[[str, str], None], tmp_path: Path
) -> None:
    body = f"return [SliderSpec({told}, 'One')]"
    plugin("few", SLIDERS.replace("model, source", taken).format(body=body))
    (slider,) = host_of(tmp_path).sliders(_model(), "directions")
    assert slider.name in ("m", "directions", "plugin-data-few")


def test_sliders_that_cannot_be_read_say_why(
    plugin: Callable[[str, str], None], tmp_path: Path
) -> None:
    plugin("torn", SLIDERS.format(body="raise StudioError('The directions are torn.')"))
    with pytest.raises(StudioError, match="torn"):
        host_of(tmp_path).sliders(_model(), "directions")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('walk="face.walk"', 'walk="face.wlak"', "'face.wlak' to walk"),
        ('walk="face.walk"', 'walk="images.create"', "none of this plugin's generators"),
        (LISTED, LISTED.replace("return", "return 42\n   "), "int, not a list"),
        (LISTED, LISTED.replace("[", "[1,"), "int, not an ExplorerSpec"),
        ("def folio_explorers", "def folio_explorer", "folio_explorer"),
        ("def folio_sliders(model", "def folio_sliders(modle", "modle"),
    ],
)  # fmt: skip
def test_plugin_with_a_wrong_explorer_is_out_with_its_reason(
    old: str, new: str, reason: str, plugin: Callable[[str, str], None], tmp_path: Path
) -> None:
    plugin("faces", TOY.replace(old, new))
    host = host_of(tmp_path)
    status = status_of(host, "faces")
    assert status.state == "failed"
    assert reason in status.reason
    assert "face.explore" not in {explorer.id for explorer in host.explorers}
    assert "face.sample" not in host.generators


@pytest.mark.parametrize("name", ["", "a,b", "a=b"])
def test_slider_names_that_a_command_line_could_not_say_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        SliderSpec(name, "Title")


def test_slider_with_its_ends_turned_round_is_refused() -> None:
    with pytest.raises(ValueError, match="minimum"):
        SliderSpec("a", "A", minimum=1, maximum=1)


def test_host_without_plugins_has_none(tmp_path: Path) -> None:
    host = PluginHost(folder=tmp_path)
    assert host.explorers == ()
    assert host.sliders(_model(), "directions") == ()

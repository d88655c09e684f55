"""Freezing a run: inputs by content and of the right kind, models by latent, sliders by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import Latent, ParamsError, StorageError
from studio.api.testing import blank_image
from studio.app import Studio, build_studio
from studio.core.fields import Field
from studio.freezing import _title
from studio.io.paths import user_paths
from tests.support import toy_faces


@pytest.fixture
def studio(folio_home: Path, tmp_path: Path) -> Iterator[Studio]:
    paths = user_paths()
    paths.make()
    (paths.plugins / "faces.py").write_text(Path(toy_faces.__file__).read_text())
    made = build_studio(engine="in_process", paths=paths)
    for name in ("plain", "other"):
        made.models.add(toy_faces.write_model(tmp_path / f"{name}.face", name))
    yield made
    made.io.stop()
    made.history.close()


def _face(value: float, model_hash: str = "", layout: str = toy_faces.LAYOUT) -> Latent:
    return Latent({"w": np.full(3, value, np.float32)}, layout, model_hash)


def test_inputs_become_blobs_in_their_order(studio: Studio) -> None:
    spec = studio.make_spec("face.walk", {}, inputs={"faces": [_face(1), _face(2), _face(1)]})
    first, second, third = spec.inputs["faces"]
    assert first == third != second
    assert spec.params["faces"] == [first, second, third]
    read = [studio.history.read_input(blob) for blob in spec.inputs["faces"]]
    assert [thing.arrays["w"][0] for thing in read if isinstance(thing, Latent)] == [1, 2, 1]
    again = studio.make_spec("face.walk", {}, inputs=spec.inputs)
    assert again.inputs == spec.inputs


def test_one_thing_needs_no_list_and_none_is_left_out(studio: Studio) -> None:
    assert len(studio.make_spec("face.edit", {}, inputs={"face": _face(1)}).inputs["face"]) == 1
    with pytest.raises(ParamsError) as caught:
        studio.make_spec("face.edit", {}, inputs={"face": []})
    assert caught.value.where == "face"


def test_model_is_the_latents_own_unless_one_is_named(studio: Studio) -> None:
    for name in ("plain", "other"):
        own = studio.models.get(name).content_hash
        spec = studio.make_spec("face.edit", {}, inputs={"face": _face(1, own)})
        assert spec.params["model"] == name
        assert spec.models["model"].content_hash == own
    named = studio.make_spec("face.edit", {"model": "plain"}, inputs={"face": _face(1, own)})
    assert named.params["model"] == "plain"
    best = studio.models.best("toy-face").id
    unknown = studio.make_spec("face.edit", {}, inputs={"face": _face(1, "of a stranger")})
    assert unknown.params["model"] == best


def test_optional_model_is_none_unless_it_is_named(studio: Studio) -> None:
    spec = studio.make_spec("writer.continue", {"text": "a"})
    assert set(spec.models) == {"model"}
    assert spec.params["adapter"] is None
    with pytest.raises(ParamsError, match="language_adapter") as caught:
        studio.make_spec(
            "writer.continue", {"text": "a", "adapter": studio.models.best("language").id}
        )
    assert caught.value.where == "adapter"


@pytest.mark.parametrize(
    ("generator", "values", "inputs", "said"),
    [
        ("face.edit", {}, {"face": blank_image(4, 4)}, "only a picture"),
        ("face.edit", {}, {"face": _face(1, layout="odd.w")}, "this one is odd.w"),
        ("face.edit", {}, {"face": [_face(1), _face(2)]}, "takes one, and 2 were given"),
        ("face.join", {}, {"pictures": [_face(1), _face(2)]}, "takes pictures, and this is a latent"),
        ("face.join", {}, {"pictures": [blank_image()] * 5}, "2 to 4 are needed, and 5 given"),
        ("face.edit", {}, {"directions": _face(1)}, "neither a picture nor a latent"),
        ("face.edit", {}, {"fase": _face(1)}, "Did you mean 'face'"),
        ("face.edit", {"directions": {"smyle": 1}}, {"face": _face(1)}, "Did you mean 'smile'"),
        ("face.join", {"light": {"3": 1}}, {"pictures": [blank_image()] * 2}, "Known: 1, 2"),
        ("face.edit", {"directions": {"smile": 7}}, {"face": _face(1)}, "-3 to 3"),
    ],
)  # fmt: skip
def test_wrong_inputs_and_sliders_are_refused_before_anything_runs(
    generator: str, values: dict[str, Any], inputs: dict[str, Any], said: str, studio: Studio
) -> None:
    with pytest.raises(ParamsError, match=said):
        studio.make_spec(generator, values, inputs=inputs)


def test_sliders_of_pictures_are_counted_over_all_their_fields(studio: Studio) -> None:
    inputs = {"pictures": [blank_image()] * 2, "more": [blank_image()]}
    spec = studio.make_spec("face.join", {"light": {"3": 0.5}}, inputs=inputs)
    assert spec.params["light"] == {"3": 0.5}


def test_blob_of_the_wrong_kind_or_none_is_refused(studio: Studio) -> None:
    picture = studio.history.put_input(blank_image(4, 4))
    with pytest.raises(ParamsError, match="only a picture"):
        studio.make_spec("face.edit", {}, inputs={"face": picture})
    odd = studio.history.put_input(_face(1, layout="odd.w"))
    with pytest.raises(ParamsError, match=r"odd\.w"):
        studio.make_spec("face.edit", {}, inputs={"face": odd})
    with pytest.raises(StorageError, match="not in the history"):
        studio.make_spec("face.edit", {}, inputs={"face": "0" * 64})


def test_sliders_of_a_model_are_told(studio: Studio) -> None:
    assert [slider.name for slider in studio.sliders("plain", "directions")] == [
        "smile", "age", "light",
    ]  # fmt: skip


def test_live_run_is_marked(studio: Studio) -> None:
    spec = studio.make_spec(
        "face.edit", {}, inputs={"face": _face(1)}, ephemeral=True, live_key="panel"
    )
    assert (spec.ephemeral, spec.live_key) == (True, "panel")


def test_title_is_how_the_prompt_begins_or_how_the_text_before_the_caret_ends() -> None:
    prompt = Field("prompt", "Prompt", "prompt", "", False)
    text = Field("text", "Text", "text_input", "", False)
    words = " ".join(f"word{number}" for number in range(40))
    assert _title(prompt, "a  red\nfox") == "a red fox"
    begins, ends = _title(prompt, words), _title(text, words)
    assert begins.startswith("word0 word1")
    assert begins.endswith("word10 word11 …")
    assert ends.startswith("… word")
    assert ends.endswith("word38 word39")
    assert len(begins) <= 82
    assert len(ends) <= 82
    assert len(_title(text, "x" * 200)) == 82

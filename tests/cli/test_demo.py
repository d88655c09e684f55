"""`make demo`: with the starter model from end to end, and in words where something is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from studio import demo
from studio.demo import OPENING, Piece, make_demo, whole_sentences
from studio.io.images import read_image
from studio.library.starters import starter_models
from tests.cli.conftest import Said
from tests.support.tiny_vae import tiny_kl

Cli = Callable[..., Said]


def test_whole_sentences_end_at_the_last_end() -> None:
    assert whole_sentences('She sat. "Well?" she sa') == 'She sat. "Well?"'
    assert whole_sentences("Version 2.5 of") == "Version 2.5 of"


def _short(story: Piece) -> Piece:
    return replace(story, settings=(*story.settings, "max_new_tokens=24"))


@pytest.mark.skipif(
    not any(path.suffix == ".gguf" for path in starter_models()),
    reason="the starter language model is not installed",
)
def test_demo_writes_a_story_that_its_record_makes_again(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "PIECES", (_short(demo.PIECES[0]), demo.PIECES[1]))
    assert cli("plugins", "disable", "diffusion_images").code == 0
    assert make_demo(tmp_path / "out") == 0
    assert "images.create is not here" in capsys.readouterr().out
    written = (tmp_path / "out" / "story.md").read_text(encoding="utf-8")
    assert written.startswith(OPENING)
    assert len(written) > len(OPENING) + 20
    item = json.loads(cli("history", "list", "--json").out)
    assert item["record"]["models"]["model"]["id"].startswith("smollm2")
    assert "the same bytes" in cli("history", "again", item["id"]).out


def test_demo_makes_faces_films_a_morph_and_a_picture_with_the_starters(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = [
        replace(piece, settings=(*piece.settings, "frames=2"))
        if piece.generator == "faces.walk"
        else piece
        for piece in demo.PIECES[1:]
    ]
    monkeypatch.setattr(demo, "PIECES", tuple(quick))
    assert make_demo(tmp_path / "out") == 0
    made = {file.name: file for file in (tmp_path / "out").iterdir() if file.is_file()}
    assert set(made) == {"picture.png", "faces.png", "walk.mp4", "walk.gif", "morph.png"}
    assert read_image(made["faces.png"]).shape == (4 * 128, 6 * 128, 4)
    assert read_image(made["morph.png"]).shape == (128, 8 * 128, 4)
    assert len(list((tmp_path / "out" / "faces").glob("*.png"))) == demo.FACES


def test_demo_says_of_a_morph_which_faces_it_lacks(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("studio.commands.installed.starter_models", list)
    assert cli("models", "add", tiny_kl(tmp_path / "tiny-vae")).code == 0
    assert make_demo(tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "morph.between takes faces/face.png and faces/face-5.png, not made here" in said


def test_demo_without_a_model_says_how_to_add_one(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("studio.commands.installed.starter_models", list)
    assert make_demo(tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "writer.continue has no language model yet" in said
    assert "studio models add PATH" in said

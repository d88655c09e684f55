"""`studio generate`: what is said, what is written, and with which code it ends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.api.outputs import Pixels
from studio.io.images import encode_png, read_image, read_png_record
from tests.cli.conftest import Said

Cli = Callable[..., Said]


def _picture(path: Path, value: int, side: int = 6) -> Path:
    path.write_bytes(encode_png(_grey(value, side)))
    return path


def _grey(value: int, side: int) -> Pixels:
    pixels = np.full((side, side, 4), value, np.uint8)
    pixels[..., 3] = 255
    return pixels


def test_generate_streams_text_and_keeps_it_in_the_history(cli: Cli) -> None:
    done = cli("generate", "toy.echo", "--set", "text=ab", "--set", "repeat=3", "--seed", "1")
    assert (done.code, done.out, done.err) == (0, "ababab\n", "")
    listed = json.loads(cli("history", "list", "--json").out)
    assert listed["record"]["params"] == {"text": "ab", "repeat": 3, "seed": 1}
    assert "ab" in cli("history", "show", listed["id"]).out


def test_generate_to_a_file_writes_whole_and_never_over(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    order = ["generate", "toy.paint", "--seed", "3", "-o", out]
    assert cli(*order).code == 0
    first = out.read_bytes()
    again = cli(*order)
    assert again.code == 1
    assert "--force" in again.err
    assert out.read_bytes() == first
    assert cli(*order, "--force").code == 0
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.png"]
    record = read_png_record(out.read_bytes())
    assert record is not None
    assert record.seed == 3


@pytest.mark.parametrize("how", [("--count", "3"), ("--set", "count=3")])
def test_generate_several_results_number_the_files_and_check_them_all_first(
    how: tuple[str, str], cli: Cli, tmp_path: Path
) -> None:
    order = ["generate", "toy.paint", *how, "-o", tmp_path / "a.png"]
    (tmp_path / "a-3.png").write_bytes(b"mine")
    refused = cli(*order)
    assert refused.code == 1
    assert "a-3.png" in refused.err
    assert not (tmp_path / "a.png").exists()
    assert "Nothing yet" in cli("history", "list").err
    (tmp_path / "a-3.png").unlink()
    assert cli(*order).code == 0
    assert {path.name for path in tmp_path.glob("*.png")} == {"a.png", "a-2.png", "a-3.png"}


def test_generate_count_without_an_own_count_draws_seeds_that_follow(cli: Cli) -> None:
    done = cli("generate", "toy.echo", "--count", "3", "--seed", "5", "--json")
    seeds = [json.loads(line)["record"]["seed"] for line in done.out.splitlines()]
    assert seeds == [5, 6, 7]


def test_generate_into_a_folder_finds_free_names(cli: Cli, tmp_path: Path) -> None:
    for _ in range(2):
        assert cli("generate", "toy.echo", "-o", tmp_path, "--quiet") == Said(0, "", "")
    assert {path.name for path in tmp_path.glob("*.md")} == {"toy-echo.md", "toy-echo-2.md"}


def test_generate_name_without_suffix_gets_one_and_is_checked_with_it(
    cli: Cli, tmp_path: Path
) -> None:
    assert cli("generate", "toy.echo", "-o", tmp_path / "v1.0 a").code == 0
    order = ["generate", "toy.echo", "-o", tmp_path / "story"]
    assert cli(*order).code == 0
    assert (tmp_path / "story.md").read_text() == "hello"
    assert cli(*order).code == 1


def test_generate_json_tells_path_text_record_and_id(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "x.txt"
    done = cli("generate", "toy.echo", "--set", "text=x", "--json", "-o", out)
    line = json.loads(done.out)
    assert (line["text"], line["path"]) == ("x", str(out))
    assert line["record"]["generator_id"] == "toy.echo"
    assert line["id"] == json.loads(cli("history", "list", "--json").out)["id"]


def test_generate_reads_pictures_and_masks(cli: Cli, tmp_path: Path) -> None:
    picture = _picture(tmp_path / "in.png", 10)
    out = tmp_path / "out.png"
    done = cli("generate", "pic.invert", "--input", f"picture={picture}", "-o", out)
    assert done.code == 0, done.err
    assert read_image(out)[0, 0].tolist() == [245, 245, 245, 255]
    mask = _picture(tmp_path / "mask.png", 0)
    inputs = ["--input", f"picture={picture}", "--input", f"mask={mask}"]
    assert cli("generate", "pic.invert", *inputs, "-o", out, "--force").code == 0
    assert read_image(out)[0, 0].tolist() == [10, 10, 10, 255]


def test_generate_reads_text_from_a_file(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "in.md").write_text("héllo", encoding="utf-8-sig")
    assert cli("generate", "toy.echo", "--input", f"text={tmp_path / 'in.md'}").out == "héllo\n"


def test_generate_reads_text_of_an_old_encoding_and_says_so(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes("Füße\r\nGröße".encode("cp1252"))
    done = cli("generate", "toy.echo", "--input", f"text={tmp_path / 'in.txt'}")
    assert done.out == "Füße\nGröße\n"
    assert "Windows-1252" in done.err
    assert cli("generate", "toy.echo", "--input", "text=/dev/zero").code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["toy.ecco"], 2, "Did you mean 'toy.echo'?"),
        (["toy.echo", "--set", "txet=a"], 2, "Did you mean 'text'?"),
        (["toy.echo", "--set", "repeat=0"], 2, "greater than or equal to 1.*1 to 1000000"),
        (["toy.echo", "--set", "repeat=many"], 2, "not a number"),
        (["toy.echo", "--set", "repeat"], 2, "NAME=VALUE"),
        (["toy.echo", "--input", "text"], 2, "NAME=PATH"),
        (["toy.echo", "--input", "repeat=a.txt"], 2, "Give it with --set"),
        (["toy.echo", "--input", "text=/no/such/file"], 1, "can't be read"),
        (["toy.echo", "--model", "x"], 2, "takes no model"),
        (["toy.echo", "--engine", "remote"], 2, "in_process or child"),
        (["toy.echo", "--count", "0"], 2, "--count"),
        (["toy.echo", "-o", "/no/such/folder/a.md"], 1, "folder doesn't exist"),
        (["toy.fault", "--set", "fault=raise"], 1, "a bug of the plugin's"),
        (["toy.fault", "--set", "fault=studio error"], 1, "Put in a new one."),
        (["toy.fault", "--set", "fault=no such"], 2, "raise, studio error"),
        (["toy.unmade"], 1, "no such library"),
        (["pic.invert"], 2, "picture"),
        (["pic.invert", "--set", "picture=a.png"], 2, "--input"),
        (["pic.invert", "--input", "picture=/no/such.png"], 1, "no/such.png"),
        (["pic.invert", "-o", "a.jpg"], 2, "a.png"),
        (["writer.continue", "--model", "nope"], 1, "no such model"),
        (["writer.continue", "--set", "temperature=nan"], 2, "temperature"),
    ],
)
def test_generate_wrong_orders_say_what_and_leave_with_a_code(
    arguments: list[str], code: int, said: str, cli: Cli
) -> None:
    done = cli("generate", *arguments)
    assert done.code == code, done.err
    assert re.search(said, done.err)
    assert len(done.err.splitlines()) <= 2


def test_generate_result_that_history_cannot_keep_still_reaches_its_file(
    cli: Cli, home: Path, tmp_path: Path
) -> None:
    history = home / "data" / "history"
    history.mkdir(parents=True)
    (history / "blobs").write_text("in the way")
    done = cli("generate", "toy.paint", "--seed", "3", "-o", tmp_path / "a.png")
    assert done.code == 0, done.err
    assert "not kept in the history" in done.err
    assert read_image(tmp_path / "a.png").shape == (32, 32, 4)

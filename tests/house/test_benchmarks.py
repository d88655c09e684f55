"""What `make bench` stands on: rows named one by one, ratios known well enough, a broken one told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as bench
from tests.benchmarks.figure import Figure, at_most, paired, settled_median, spread_of


def test_benchmarks_are_named_alone_and_by_their_group() -> None:
    assert bench.chosen(["faces.made"]) == ["faces.made"]
    assert bench.chosen(["pictures", "pictures.draft"]) == [
        "pictures.twenty-steps",
        "pictures.draft",
    ]
    assert bench.main(["picture"]) == 2


@pytest.fixture(autouse=True)
def no_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is measured here, and this process's garbage is large."""
    monkeypatch.setattr("gc.collect", lambda *_: 0)


def test_pairs_take_turns_at_being_first_and_go_on_until_the_ratio_is_known() -> None:
    calls: list[str] = []
    steady = iter([2.0] * 100)
    wild = iter([1.0, 3.0] * 100)

    def first() -> float:
        calls.append("a")
        return next(steady)

    def second() -> float:
        calls.append("b")
        return 1.0

    pairs = paired(first, second, least=4)
    assert (pairs.ratio, pairs.count, pairs.spread) == (2.0, 4, 0.0)
    assert "".join(calls) == "ab" + "abbaabba"
    assert paired(lambda: next(wild), lambda: 1.0, least=4, most=9).count == 9


def test_ratio_that_never_settles_ends_once_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wild, clock = iter([1.0, 3.0] * 100), iter(float(10 * tick) for tick in range(100))
    monkeypatch.setattr("tests.benchmarks.figure.time.monotonic", lambda: next(clock))
    assert paired(lambda: next(wild), lambda: 1.0, least=4, most=99).count == 11


def test_spread_is_small_where_values_agree_but_for_a_few() -> None:
    assert spread_of([1.0] * 20 + [50.0]) == 0.0
    assert 0.01 < spread_of([0.9, 1.0, 1.1] * 7) < 0.1
    assert settled_median(lambda: 3.0) == 3.0


def test_broken_benchmark_is_a_row_that_misses_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Iterator[Figure]:
        raise LookupError("no such thing")

    def whole() -> Iterator[Figure]:
        yield at_most("whole", 1, 2, "ms", "a note")

    monkeypatch.setattr(bench, "BENCHMARKS", {"broken": broken, "whole": whole})
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "busy_fraction", lambda: 0.5)
    assert bench.main([]) == 1
    said = capsys.readouterr().out
    assert "50%" in said
    assert "1 of 2 hold" in said
    report = json.loads((tmp_path / "out" / "bench.json").read_text())
    first, second = report["figures"]
    assert report["complete"]
    assert list(report["seconds"]) == ["broken", "whole"]
    assert (first["benchmark"], first["holds"]) == ("broken", False)
    assert "no such thing" in first["note"]
    assert second == {
        "benchmark": "whole",
        "name": "whole",
        "figure": 1,
        "unit": "ms",
        "target": "≤ 2",
        "holds": True,
        "note": "a note",
    }


def test_run_that_is_broken_off_keeps_the_rows_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first() -> Iterator[Figure]:
        yield at_most("first", 1, 2, "ms")

    def broken_off() -> Iterator[Figure]:
        yield at_most("second", 1, 2, "ms")
        raise KeyboardInterrupt

    monkeypatch.setattr(bench, "BENCHMARKS", {"first": first, "second": broken_off})
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "busy_fraction", lambda: 0.0)
    assert bench.main([]) == 130
    report = json.loads((tmp_path / "out" / "bench.json").read_text())
    assert [figure["name"] for figure in report["figures"]] == ["first", "second"]
    assert not report["complete"]


def test_every_row_that_is_asked_for_has_its_benchmark() -> None:
    wanted = (
        "start.command-line start.window heartbeat overhead.llama overhead.transformers "
        "overhead.diffusers cancelling.in-mid-run cancelling.pairs memory.window memory.film "
        "faces.made faces.slider morphing.frames pictures.twenty-steps pictures.draft demo files "
        "killed painting.stroke painting.memory canvas.frames writing.rereading-llama writing.peer"
    )
    assert set(wanted.split()) <= set(bench.BENCHMARKS)

"""The log file is small, says what is worth saying, and never stops anything."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.io import log as log_module
from studio.io.log import start_log
from tests.support.full_disk import files_limited_to


@pytest.fixture(autouse=True)
def _levels_put_back() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("studio", "studio_plugins")]
    before = [logger.level for logger in loggers]
    handlers = list(logging.getLogger().handlers)
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)
    assert logging.getLogger().handlers == handlers


def test_ours_from_info_on_and_others_only_warnings(tmp_path: Path) -> None:
    stop = start_log(tmp_path / "logs", "window")
    logging.getLogger("studio.x").debug("a prompt")
    logging.getLogger("studio.x").info("begun – 狐")
    logging.getLogger("studio_plugins.y").error("failed")
    logging.getLogger("someone").info("chatter")
    logging.getLogger("someone").warning("trouble")
    stop()
    logging.getLogger("studio.x").info("after the end")
    text = (tmp_path / "logs" / "window.log").read_text(encoding="utf-8")
    lines = [line.split(": ", 1)[1] for line in text.splitlines()]
    assert lines == ["begun – 狐", "failed", "trouble"]
    assert "MainThread studio.x" in text


def test_log_is_rotated_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "LIMIT_BYTES", 2000)
    stop = start_log(tmp_path, "window")
    for number in range(500):
        logging.getLogger("studio.x").info("line %d of many", number)
    stop()
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [
        "window.log",
        "window.log.1",
        "window.log.2",
        "window.log.3",
    ]
    assert all(file.stat().st_size <= 2000 for file in files)
    assert "line 499" in files[0].read_text()


def test_folder_that_cannot_be_written_means_no_log(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    stop = start_log(tmp_path / "file" / "logs", "window")
    logging.getLogger("studio.x").info("to nowhere")
    stop()
    stop()


def test_full_disk_stops_nothing_and_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = start_log(tmp_path, "window")
    with files_limited_to(1):
        logging.getLogger("studio.x").info("much " * 5000)
    stop()
    assert capsys.readouterr().err == ""

"""What one job tells, each thing once, however often it is run. GPU thread only.

A job that ran out of memory is run again with less; with its one seed it comes to the same results
and the same text, which the person has already.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from studio.api.outputs import FileOutput, Output
from studio.api.tokens import TokenFact
from studio.core.records import Record
from studio.jobs.events import JobEvent, ResultReady, TextStreamed


class Telling:
    """Args:
    emit: Where events go.
    results_dir: Where finished files wait for the history once the job's own folder is gone.
    """

    def __init__(self, job_id: str, emit: Callable[[JobEvent], None], results_dir: Path) -> None:
        self.emit = emit
        self.index = 0
        """Which result of this run comes next."""
        self._job_id = job_id
        self._results_dir = results_dir
        self._told_results = 0
        self._characters = 0
        self._told_characters = 0
        self._facts = 0
        self._told_facts = 0

    def begin_again(self) -> None:
        """The job is run from its start once more."""
        self.index = 0
        self._characters = self._facts = 0

    def text(self, text: str, tokens: int, token_facts: tuple[TokenFact, ...] = ()) -> None:
        known = max(0, self._told_characters - self._characters)
        self._characters += len(text)
        self._told_characters = max(self._told_characters, self._characters)
        known_facts = max(0, self._told_facts - self._facts)
        self._facts += len(token_facts)
        self._told_facts = max(self._told_facts, self._facts)
        if len(text) > known or not known:
            self.emit(TextStreamed(self._job_id, text[known:], tokens, token_facts[known_facts:]))

    def result(self, output: Output, record: Record) -> None:
        self.index += 1
        if self.index <= self._told_results:
            return
        self._told_results = self.index
        if isinstance(output, FileOutput):
            output = self._kept(output)
        self.emit(ResultReady(self._job_id, output, record))

    def _kept(self, output: FileOutput) -> FileOutput:
        """The file out of the job's folder, which goes before the history has read it."""
        self._results_dir.mkdir(parents=True, exist_ok=True)
        name = f"{self._job_id}-{self.index}{Path(output.path).suffix}"
        return replace(output, path=Path(shutil.move(output.path, self._results_dir / name)))

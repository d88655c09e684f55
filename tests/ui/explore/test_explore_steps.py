"""The steps from results to others in an explore panel, by its buttons, cards and keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.io.images import encode_png
from studio.ui.forms.giving import FromFile
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, bar_text
from tests.support.qt_async import until
from tests.ui.explore.conftest import choose, count_items, explorer, make, ready

_KEY = Qt.Key


def test_more_like_this_brings_neighbours_on_top(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 3)
        await choose(found, 0)
        original = found.exploration.current
        QTest.keyClick(found.panel.grid, _KEY.Key_L)
        await until(lambda: len(ready(found)) == 6)
        assert found.exploration.current is not None
        assert original is not None
        assert found.exploration.current.key == original.key
        newest = bench.studio.history.items()[0].record
        assert newest.generator_id == "toyfaces.vary"
        assert newest.inputs["face"] == (original.latent.blob_id,) if original.latent else False

    run(scene)


def test_two_are_mixed_in_the_order_they_were_chosen(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 3)
        panel = found.panel
        await choose(found, 2)
        assert not panel.steps["mix"].isEnabled()
        await choose(found, 2, 0)
        assert panel.steps["mix"].isEnabled()
        first, second = (tile.latent for tile in found.exploration.chosen)
        assert first is not None
        assert second is not None
        QTest.keyClick(panel.grid, _KEY.Key_M)
        form = panel.form_of("mix")
        assert form is not None
        assert "faces" not in form.rows
        form.set_values({"coarse": "second", "fine": "first"})
        panel.cards["mix"].go.click()
        await until(lambda: len(ready(found)) == 4)
        record = bench.studio.history.items()[0].record
        assert record.inputs["faces"] == (first.blob_id, second.blob_id)
        assert record.params["coarse"] == "second"
        assert panel.cards["mix"].isHidden()

    run(scene)


def test_a_walk_through_the_chosen_is_a_film_that_plays(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 3)
        await choose(found, 0, 2, 1)
        stops = [tile.latent.blob_id for tile in found.exploration.chosen if tile.latent]
        QTest.keyClick(found.panel.grid, _KEY.Key_W)
        form = found.panel.form_of("walk")
        assert form is not None
        form.set_values({"format": "gif", "seconds": 0.5, "loop": False})
        found.panel.cards["walk"].go.click()
        await until(lambda: count_items(bench, "video") == 1)
        (film,) = bench.studio.history.items(kind="video")
        assert film.media_type == "image/gif"
        assert list(film.record.inputs["faces"]) == stops
        await until(lambda: "in the history" in bar_text(bench))
        assert len(found.exploration.tiles) == 3
        bench.window.message_bar.buttons[0].click()
        player = bench.explorers.player
        assert player is not None
        await until(lambda: player.count == 5 and not player.picture.image.isNull())
        player.accept()

    run(scene)


def test_a_picture_becomes_a_face_that_shows_itself_on_the_way(run: Run, tmp_path: Path) -> None:
    (tmp_path / "me.png").write_bytes(encode_png(np.full((20, 20, 4), 200, np.uint8)))

    async def scene(bench: Workbench) -> None:
        found = explorer(bench)
        found.panel.project.click()
        form = found.panel.form_of("project")
        assert form is not None
        found.panel.cards["project"].go.click()
        assert not form.rows["picture"].problem.isHidden()
        form.rows["picture"].editor.asked.emit(FromFile(tmp_path / "me.png"))  # type: ignore[attr-defined]
        await until(lambda: form.inputs())
        found.panel.cards["project"].go.click()
        await until(lambda: len(ready(found)) == 1)
        assert found.exploration.current is not None

    run(scene)

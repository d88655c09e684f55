"""The exploration: places that fill, a choice with an order, sliders that go and come back."""

from __future__ import annotations

import numpy as np
import pytest

from studio.api.outputs import Pixels
from studio.ui.explore.exploration import Exploration, Found, Latent


def _pixels(shade: int) -> Pixels:
    return np.full((4, 4, 4), shade, np.uint8)


def _latent(name: str, shade: int = 0) -> Latent:
    return Latent(f"item {name}", f"blob {name}", _pixels(shade), "model")


@pytest.fixture
def three() -> Exploration:
    made = Exploration()
    made.begin("job", 3)
    for name in "abc":
        made.arrive("job", _latent(name), seed=ord(name))
    return made


def _items(exploration: Exploration) -> list[str]:
    return [tile.latent.item_id if tile.latent else "" for tile in exploration.tiles]


def test_results_take_the_places_in_order_and_the_newest_batch_is_on_top() -> None:
    exploration = Exploration()
    exploration.begin("first", 2)
    exploration.begin("second", 2)
    exploration.arrive("first", _latent("a"))
    exploration.arrive("second", _latent("b"))
    assert _items(exploration) == ["item b", "", "item a", ""]


def test_more_results_than_places_stand_behind_them(three: Exploration) -> None:
    three.begin("other", 1)
    three.arrive("job", _latent("d"))
    assert _items(three) == ["", "item a", "item b", "item c", "item d"]


def test_end_of_a_job_takes_its_empty_places_away(three: Exploration) -> None:
    three.begin("cancelled", 5)
    three.arrive("cancelled", _latent("x"))
    three.end("cancelled")
    assert _items(three) == ["item x", "item a", "item b", "item c"]


def test_preview_shows_in_the_next_empty_place() -> None:
    exploration = Exploration()
    exploration.begin("job", 2)
    exploration.arrive("job", _latent("a"))
    exploration.show_preview("job", _pixels(9))
    waiting = exploration.tiles[1]
    assert waiting.picture is not None
    assert waiting.latent is None


def test_choice_keeps_the_order_in_which_it_was_made(three: Exploration) -> None:
    a, b, c = (tile.key for tile in three.tiles)
    three.choose([c])
    three.choose([a, c])
    three.choose([a, b, c])
    assert [tile.key for tile in three.chosen] == [c, a, b]
    assert three.current is not None
    assert three.current.key == b
    three.choose([a, b])
    assert [tile.key for tile in three.chosen] == [a, b]


def test_waiting_places_can_not_be_chosen() -> None:
    exploration = Exploration()
    exploration.begin("job", 1)
    exploration.choose([exploration.tiles[0].key])
    assert exploration.chosen == ()


def test_sliders_run_ahead_of_what_is_stored_and_come_back(three: Exploration) -> None:
    key = three.tiles[0].key
    three.redraw(key, _pixels(5), {"smile": 1.0})
    tile = three.tile(key)
    assert tile is not None
    assert tile.edited
    assert tile.latent == _latent("a")
    three.store_edit(key, _latent("edited", 6), {"smile": 1.0})
    tile = three.tile(key)
    assert tile is not None
    assert tile.latent == _latent("edited")
    assert tile.base == _latent("a")
    three.put_back(key)
    tile = three.tile(key)
    assert tile is not None
    assert tile.latent == _latent("a")
    assert not tile.edited
    assert tile.picture is not None
    assert int(tile.picture[0, 0, 0]) == 0


def test_an_edited_one_is_not_kept_because_its_base_was(three: Exploration) -> None:
    three.keep("item a", 5)
    assert three.tiles[0].kept
    three.store_edit(three.tiles[0].key, _latent("edited"), {"smile": 1.0})
    assert not three.tiles[0].kept


def test_clear_leaves_what_is_kept_chosen_or_on_its_way(three: Exploration) -> None:
    three.keep("item a", 5)
    three.choose([three.tiles[1].key])
    three.begin("other", 1)
    three.clear()
    assert _items(three) == ["", "item a", "item b"]


def test_taking_up_what_is_there_only_chooses_it(three: Exploration) -> None:
    key = three.add(Found(_latent("b"), _latent("b")))
    assert key == three.tiles[1].key
    assert len(three.tiles) == 3
    assert three.current is three.tiles[1]
    fresh = three.add(Found(_latent("b"), _latent("z"), {"smile": 2.0}))
    assert three.tiles[0].key == fresh
    assert three.tiles[0].weights == {"smile": 2.0}


def test_what_is_recalled_lies_below_and_is_not_chosen(three: Exploration) -> None:
    three.recall([Found(_latent("b"), _latent("b")), Found(_latent("x"), _latent("y"), stars=5)])
    assert _items(three) == ["item a", "item b", "item c", "item y"]
    assert three.chosen == ()
    assert three.tiles[3].kept
    assert three.tiles[3].picture is not None


def test_what_the_history_lost_goes(three: Exploration) -> None:
    three.choose([three.tiles[0].key])
    three.forget("item a")
    assert _items(three) == ["item b", "item c"]
    assert three.chosen == ()

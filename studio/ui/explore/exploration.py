"""What an explore panel shows: its tiles, which are chosen in what order, and the sliders of each.

Pure: no Qt, no threads, no disk. Every change makes new frozen tiles and emits `changed` once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from studio.api.outputs import Pixels
from studio.core.signal import Signal

KEPT_STARS = 5
"""What the star of a kept one is in the history."""
TileState = Literal["waiting", "ready"]


@dataclass(frozen=True)
class Latent:
    """A result that can be changed: the history's item with its latent's blob and its picture."""

    item_id: str
    blob_id: str
    pixels: Pixels = field(compare=False)
    model_id: str = ""
    """The model that made it: what changes it must be the same."""


@dataclass(frozen=True)
class Found:
    """A result of the history that can be taken up again: with its sliders as they were."""

    base: Latent
    latent: Latent
    weights: Mapping[str, float] = field(default_factory=dict)
    seed: int | None = None
    stars: int = 0


@dataclass(frozen=True)
class Tile:
    """One place of the grid. `key` stays the same as long as the tile lives.

    A tile that is waiting has no latent yet. `base` is what the sliders start from; `latent` is
    what the tile stands for now: the base itself, or the stored result of the sliders. `picture`
    is what is shown: while a slider moves it runs ahead of `latent`.
    """

    key: str
    job_id: str
    state: TileState = "waiting"
    seed: int | None = None
    stars: int = 0
    base: Latent | None = None
    latent: Latent | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    picture: Pixels | None = field(default=None, compare=False)
    picture_number: int = 0
    """Grows with each new picture: pictures themselves aren't compared."""

    @property
    def kept(self) -> bool:
        return self.stars > 0

    @property
    def edited(self) -> bool:
        return any(self.weights.values())


class Exploration:
    """The tiles, newest batch first, and the choice among them."""

    def __init__(self) -> None:
        self._tiles: tuple[Tile, ...] = ()
        self._chosen: tuple[str, ...] = ()
        self._count = 0
        self.changed = Signal[[]]()

    @property
    def tiles(self) -> tuple[Tile, ...]:
        return self._tiles

    @property
    def chosen(self) -> tuple[Tile, ...]:
        """The chosen ones that are ready, in the order they were chosen."""
        by_key = {tile.key: tile for tile in self._tiles}
        found = (by_key.get(key) for key in self._chosen)
        return tuple(tile for tile in found if tile is not None and tile.latent is not None)

    @property
    def current(self) -> Tile | None:
        """The one that was chosen last: the sliders are about it."""
        chosen = self.chosen
        return chosen[-1] if chosen else None

    def tile(self, key: str) -> Tile | None:
        return next((tile for tile in self._tiles if tile.key == key), None)

    def begin(self, job_id: str, count: int) -> None:
        """Places for what a job will bring, before everything else."""
        fresh = tuple(self._new(job_id) for _ in range(count))
        self._show((*fresh, *self._tiles))

    def show_preview(self, job_id: str, pixels: Pixels) -> None:
        """A picture in the making, in the job's next place."""
        waiting = self._waiting(job_id)
        if waiting is not None:
            self._replace(_with_picture(waiting, pixels))

    def arrive(
        self, job_id: str, latent: Latent, *, seed: int | None = None, stars: int = 0
    ) -> str:
        """A result takes the job's next place, or a new one behind them. Returns the tile's key."""
        place = self._waiting(job_id)
        if place is None:
            place = self._new(job_id)
            behind = [row for row, tile in enumerate(self._tiles) if tile.job_id == job_id]
            row = behind[-1] + 1 if behind else 0
            self._tiles = (*self._tiles[:row], place, *self._tiles[row:])
        ready = replace(
            place, state="ready", seed=seed, stars=stars, base=latent, latent=latent, weights={}
        )
        self._replace(_with_picture(ready, latent.pixels))
        return place.key

    def add(self, found: Found) -> str:
        """A result of the history taken up again, on top and chosen. One that is here already is
        only chosen. Returns the tile's key."""
        tile = self._showing(found)
        if tile is None:
            tile = self._made_of(found)
            self._tiles = (tile, *self._tiles)
        self._chosen = (tile.key,)
        self.changed.emit()
        return tile.key

    def recall(self, found: Iterable[Found]) -> None:
        """Results of earlier days, below everything else; those that are here already stay as they are."""
        fresh = tuple(self._made_of(one) for one in found if self._showing(one) is None)
        if fresh:
            self._show((*self._tiles, *fresh))

    def end(self, job_id: str) -> None:
        """The job is over: places that nothing came for go."""
        self._show(
            tuple(t for t in self._tiles if t.job_id != job_id or t.state == "ready"),
        )

    def choose(self, keys: Iterable[str]) -> None:
        """Choose these. Those that were chosen already keep their place in the order."""
        wanted = list(dict.fromkeys(keys))
        order = [key for key in self._chosen if key in wanted]
        order += [key for key in wanted if key not in order]
        if tuple(order) != self._chosen:
            self._chosen = tuple(order)
            self.changed.emit()

    def redraw(self, key: str, pixels: Pixels, weights: Mapping[str, float]) -> None:
        """What the sliders make of it right now; nothing is stored yet."""
        tile = self.tile(key)
        if tile is not None and tile.latent is not None:
            self._replace(replace(_with_picture(tile, pixels), weights=dict(weights)))

    def store_edit(self, key: str, latent: Latent, weights: Mapping[str, float]) -> None:
        """The sliders were let go and their result is in the history: the tile stands for it."""
        tile = self.tile(key)
        if tile is not None:
            changed = replace(tile, latent=latent, stars=0, weights=dict(weights))
            self._replace(_with_picture(changed, latent.pixels))

    def put_back(self, key: str) -> None:
        """The base again: all sliders at zero."""
        tile = self.tile(key)
        if tile is not None and tile.base is not None:
            stars = tile.stars if tile.latent == tile.base else 0
            plain = replace(tile, latent=tile.base, stars=stars, weights={})
            self._replace(_with_picture(plain, tile.base.pixels))

    def keep(self, item_id: str, stars: int) -> None:
        """A rating, wherever it was given."""
        for tile in self._tiles:
            if tile.latent is not None and tile.latent.item_id == item_id and tile.stars != stars:
                self._replace(replace(tile, stars=stars))

    def forget(self, item_id: str) -> None:
        """The history has it no more."""
        self._show(tuple(t for t in self._tiles if t.latent is None or t.latent.item_id != item_id))

    def clear(self) -> None:
        """Only what is kept, chosen or still to come stays; the history has the rest."""
        chosen = set(self._chosen)
        self._show(
            tuple(t for t in self._tiles if t.kept or t.key in chosen or t.state == "waiting")
        )

    def _new(self, job_id: str) -> Tile:
        self._count += 1
        return Tile(f"tile {self._count}", job_id)

    def _made_of(self, found: Found) -> Tile:
        tile = replace(
            self._new(""), state="ready", seed=found.seed, stars=found.stars, base=found.base,
            latent=found.latent, weights=dict(found.weights),
        )  # fmt: skip
        return _with_picture(tile, found.latent.pixels)

    def _showing(self, found: Found) -> Tile | None:
        wanted = found.latent.item_id
        return next((t for t in self._tiles if t.latent and t.latent.item_id == wanted), None)

    def _waiting(self, job_id: str) -> Tile | None:
        return next((t for t in self._tiles if t.job_id == job_id and t.state == "waiting"), None)

    def _replace(self, tile: Tile) -> None:
        self._show(tuple(tile if old.key == tile.key else old for old in self._tiles))

    def _show(self, tiles: tuple[Tile, ...]) -> None:
        self._tiles = tiles
        keys = {tile.key for tile in tiles}
        self._chosen = tuple(key for key in self._chosen if key in keys)
        self.changed.emit()


def _with_picture(tile: Tile, pixels: Pixels) -> Tile:
    return replace(tile, picture=pixels, picture_number=tile.picture_number + 1)

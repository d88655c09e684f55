"""What every generator of faces does: get the model, take faces in, give painted ones out. GPU thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studio.api import (
    Context,
    Extras,
    Latent,
    LatentOutput,
    ModelInfo,
    ParamsError,
    Pixels,
    StudioError,
    as_pixels,
)

from .directions import directions_of
from .faces import LAYOUT, Face, Floats, face_from, lerp, random_of, slerp, truncate
from .loading import FaceModel, load_faces
from .spans import parse_layers, parse_seeds

if TYPE_CHECKING:
    from .net import Noise

_MOST_SEED = 2**63


@dataclass(frozen=True, eq=False)
class Atelier:
    """One run's model and settings."""

    model: FaceModel
    info: ModelInfo
    ctx: Context
    noise: Noise
    psi: float = 1.0
    psi_layers: int = 0

    @classmethod
    def open(
        cls,
        ctx: Context,
        model_id: str,
        noise: Noise = "const",
        psi: float = 1.0,
        psi_layers: int = 0,
    ) -> Atelier:
        """Raises ModelError: no such model, or it can't be loaded."""
        model = ctx.model(model_id, load_faces)
        return cls(model, ctx.model_info(model_id), ctx, noise, psi, psi_layers)

    def from_seed(
        self, seed: int, attributes: Mapping[str, float] | None = None, class_index: int = -1
    ) -> Face:
        """The face of a seed. Raises ParamsError: attributes or a class the model doesn't know."""
        random = random_of(seed)
        z = random.randn(1, self.model.config.z_dim).astype(np.float32)[0]
        c = self.model.conditions.draw(random, attributes or {}, class_index)
        return Face(self.from_z(z, c), z, c)

    def from_z(self, z: Floats, c: Floats | None) -> Floats:
        """w of a z and condition, truncated, (num_ws, w_dim)."""
        w = self.model.map(z[None], None if c is None else c[None])[0]
        rows = np.repeat(w[None], self.model.config.num_ws, 0)
        return truncate(rows, self.model.mean_w, self.psi, self.psi_layers)

    def from_latent(self, latent: Latent | None, field: str) -> Face:
        """A face that was made earlier.

        Raises:
            ParamsError: none given, or it is another model's.
        """
        if latent is None:
            raise ParamsError(
                "No face is given.", where=field, remedy="Choose one, or drop one here."
            )
        if latent.layout != LAYOUT or latent.model_hash not in ("", self.info.content_hash):
            raise self._not_ours(field, "it was made by another model")
        try:
            return face_from(latent.arrays, self.model.config.num_ws, self.model.config.w_dim)
        except ValueError as error:
            raise self._not_ours(field, str(error)) from None

    def keys(
        self, latents: Sequence[Latent], seeds: str, count: int, field: str = "faces"
    ) -> list[Face]:
        """The faces given, or else those of the seeds, or else so many from the job's seed on."""
        if latents:
            return [self.from_latent(latent, field) for latent in latents]
        return [self.from_seed(seed) for seed in self.seeds(seeds, count)]

    def seeds(self, text: str, count: int) -> Sequence[int]:
        return parse_seeds(text) or [(self.ctx.seed + i) % _MOST_SEED for i in range(count)]

    def layers(self, text: str) -> tuple[int, ...]:
        """Raises ParamsError: the model has none of them."""
        count = self.model.config.num_ws
        chosen = parse_layers(text, count)
        if not chosen:
            raise ParamsError(
                "This model has no such layers.", where="layers", remedy=f"It has 0 to {count - 1}."
            )
        return chosen

    def directions(self, wanted: Mapping[str, float]) -> dict[str, Floats]:
        """Those directions that are wanted.

        Raises:
            ParamsError: the model has none of that name.
        """
        if not wanted:
            return {}
        known = directions_of(self.model, self.info, self.ctx.data_dir, wanted, self.ctx.check)
        if strange := sorted(set(wanted) - set(known)):
            raise ParamsError(
                f"This model has no direction {strange[0]!r}.",
                where="directions",
                remedy=f"Some it has: {', '.join(sorted(known)[:6])}.",
            )
        return {name: known[name] for name in wanted}

    def between(self, a: Face, b: Face, fraction: float, through_z: bool) -> Face:
        """A face on the way from one to another.

        Raises:
            StudioError: through z, and one of them has none.
        """
        if not through_z:
            return Face(lerp(a.w, b.w, fraction))
        if a.z is None or b.z is None or (a.c is None) != (b.c is None):
            raise StudioError(
                "A face that was edited or mixed has no z to go through.",
                where="space",
                remedy="Go through w, or choose faces that came straight from a seed.",
            )
        z = slerp(a.z, b.z, fraction)
        c = None if a.c is None or b.c is None else lerp(a.c, b.c, fraction)
        return Face(self.from_z(z, c), z, c)

    def paint(self, face: Face, seed: int) -> Pixels:
        """The face's picture; random grain is drawn from the seed."""
        return self.model.picture(face.w, self.noise, seed)

    def show(self, pixels: Pixels) -> None:
        """As a preview, if one is due. A cancel point."""
        if self.ctx.wants_preview:
            self.ctx.preview(as_pixels(pixels))

    def output(self, face: Face, seed: int, extras: Extras | None = None) -> LatentOutput:
        pixels = as_pixels(self.paint(face, seed))
        self.show(pixels)
        return LatentOutput(face.arrays, LAYOUT, pixels, seed, extras or {})

    def _not_ours(self, field: str, why: str) -> ParamsError:
        return ParamsError(
            f"This face can't be used with the model {self.info.id!r}: {why}.",
            where=field,
            remedy="Choose the model that made it, or another face.",
        )

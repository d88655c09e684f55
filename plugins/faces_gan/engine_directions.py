"""faces.name_direction: what two faces differ by, or some sliders together, as a new slider. GPU thread."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from studio.api import Context, ImageOutput, Inputs, Output, ParamsError

from .atelier import Atelier
from .direction_files import add_direction
from .faces import Face, Floats, edit
from .params import NameDirectionParams

_SHOWN = (-2.0, -1.0, 0.0, 1.0, 2.0)


class NameDirection:
    """faces.name_direction"""

    def generate(
        self, params: NameDirectionParams, inputs: Inputs, ctx: Context
    ) -> Iterator[Output]:
        atelier = Atelier.open(ctx, params.model)
        direction = self._direction(atelier, params, inputs)
        if not direction.any():
            raise ParamsError(
                "The two faces are the same.", where="end", remedy="Choose another one."
            )
        shown = []
        for index, weight in enumerate(_SHOWN):
            ctx.progress(index, len(_SHOWN), "Painting the direction")
            w = np.repeat(atelier.model.mean_w[None], len(direction), 0)
            shown.append(atelier.paint(Face(w + np.float32(weight) * direction), ctx.seed))
        # Last, so that a cancel leaves nothing changed.
        file = add_direction(
            atelier.info, atelier.model.config, ctx.data_dir, params.name, direction
        )
        yield ImageOutput(
            np.concatenate(shown, axis=1),
            seed=ctx.seed,
            extras={"direction": params.name, "file": file.name},
        )

    def _direction(self, atelier: Atelier, params: NameDirectionParams, inputs: Inputs) -> Floats:
        """(num_ws, w_dim), nothing in the layers that are not chosen."""
        layers = atelier.layers(params.layers)
        nothing = np.zeros((atelier.model.config.num_ws, atelier.model.config.w_dim), np.float32)
        weights = {name: weight for name, weight in params.directions.items() if weight}
        direction = edit(nothing, atelier.directions(weights), weights, layers)
        if params.start is not None:
            start = atelier.from_latent(inputs.latent("start"), "start")
            end = atelier.from_latent(inputs.latent("end"), "end")
            rows = list(layers)
            direction[rows] += (end.w - start.w)[rows]
        return direction

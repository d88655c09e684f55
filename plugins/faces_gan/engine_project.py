"""faces.project: from a picture to a face that can be edited. GPU thread."""

from __future__ import annotations

from collections.abc import Iterator

from studio.api import Context, Inputs, Output, ParamsError

from .atelier import Atelier
from .faces import Face
from .loading import load_discriminator
from .params import ProjectParams
from .pictures import fitted
from .projecting import Distance, Progress, project


class Project:
    """faces.project"""

    def generate(self, params: ProjectParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        picture = inputs.image("picture")
        if picture is None:
            raise ParamsError(
                "No picture is given.", where="picture", remedy="Choose one, or drop one here."
            )
        atelier = Atelier.open(ctx, params.model)
        critic = ctx.model(params.model, load_discriminator, variant="discriminator")
        ctx.progress(0, params.steps, "Looking at the picture")
        distance = Distance(atelier.model, critic, fitted(picture, atelier.model.size_px))

        def after_step(now: Progress) -> bool:
            ctx.progress(now.step, params.steps, f"Distance {now.distance:.3f}")
            if ctx.wants_preview:
                atelier.show(atelier.paint(Face(now.w), ctx.seed))
            return not ctx.stopping

        best = project(atelier.model, distance, ctx.seed, params.steps, params.patience, after_step)
        extras = {"distance": round(best.distance, 5), "best_step": best.step}
        yield atelier.output(Face(best.w), ctx.seed, extras)

"""What a plugin says of a model's own sliders, and of a panel to explore its results in. Any thread."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SliderSpec:
    """One slider that a model brings along, such as a direction in its latent space.

    Args:
        name: What `--set directions="smile=1.5"` and the record call it: without "," and "=".
        title: What the window says beside it.
        minimum: The slider's left end.
        maximum: The slider's right end.
        step: Distance between two values.
        description: One sentence; may be empty.
        group: Sliders of one group stand together under this heading; may be empty.
    """

    name: str
    title: str
    minimum: float = -3.0
    maximum: float = 3.0
    step: float = 0.05
    description: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        if not self.name or set(self.name) & set(",="):
            raise ValueError(f"a slider's name must not be empty or have ',' or '=': {self.name!r}")
        if not self.minimum < self.maximum:
            raise ValueError(f"the slider {self.name!r} goes from its minimum up to its maximum")


@dataclass(frozen=True)
class ExplorerSpec:
    """A panel to explore results in: a grid, keep, more like this, mix two, sliders that redraw live.

    The roles name this plugin's generators, or are "" where there is none. The window finds the
    field a thing goes into by its kind, the first of that kind:

    * `sample` makes new ones; a whole-number field `count`, where there is one, says how many;
    * `vary` makes more like one: a latent field;
    * `mix` makes new ones from two: a field of several latents, or two latent fields;
    * `edit` redraws one by sliders: a latent field and a weights field;
    * `between` makes the steps from one to another: a field of several latents;
    * `walk` makes a film through several: a field of several latents;
    * `project` makes a latent of a picture: an image field.

    Args:
        id: `plugin.explore` or the like, unique.
        layout: The latents' layout, as in `Latent.layout`.
        family: The models' family, as in `ModelFacts.family`.
    """

    id: str
    title: str
    description: str
    icon: str
    layout: str
    family: str
    sample: str = ""
    vary: str = ""
    mix: str = ""
    edit: str = ""
    between: str = ""
    walk: str = ""
    project: str = ""

    @property
    def generators(self) -> dict[str, str]:
        """The generators' ids by role, without the roles nobody plays."""
        roles = ("sample", "vary", "mix", "edit", "between", "walk", "project")
        return {role: getattr(self, role) for role in roles if getattr(self, role)}

"""The generator contract: a frozen spec, and an object that yields outputs on the GPU thread."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

from studio.api.inputs import Inputs
from studio.api.models import Loader, ModelInfo
from studio.api.outputs import Output, Pixels
from studio.api.params import Params
from studio.api.tokens import TokenFact
from studio.api.video import FrameWriter, VideoFormat

if TYPE_CHECKING:
    import torch

P = TypeVar("P", bound=Params)
P_contra = TypeVar("P_contra", bound=Params, contravariant=True)
T = TypeVar("T")

Yields = Literal["image", "text", "latent", "video"]
Purpose = Literal["", "continue", "rewrite", "ask", "about", "prompt", "score"]
"""What the writing desk uses a generator for; see `GeneratorSpec`."""

_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


class Context(Protocol):
    """All a generator sees of the studio while it runs. GPU thread only; dead after the job."""

    @property
    def seed(self) -> int:
        """The job's seed, 0..2**63-1; drawn before the job was frozen."""
        ...

    @property
    def rng(self) -> torch.Generator:
        """A CPU generator seeded with `seed`. Draw on the CPU, then move: same on any device."""
        ...

    @property
    def device(self) -> str: ...

    @property
    def dtype(self) -> str: ...

    @property
    def log(self) -> logging.Logger: ...

    @property
    def work_dir(self) -> Path:
        """An empty folder of this job's own; gone when the job ends."""
        ...

    @property
    def data_dir(self) -> Path:
        """The plugin's own folder for what it keeps for good, over jobs and versions. Write each file
        beside and rename it: a job may be cancelled at any moment, and another process may read."""
        ...

    @property
    def stopping(self) -> bool:
        """The person asked to stop and keep what is there: yield what you have and return."""
        ...

    @property
    def memory_level(self) -> int:
        """0 at first. After out-of-memory the job runs again with 1 (tile and slice), then 2
        (offload, smaller batches): spend time instead of memory accordingly. A model that was
        set for one level stays loaded: set it for the level of each run, 0 too."""
        ...

    @property
    def wants_preview(self) -> bool:
        """True when enough time passed for another preview: ask before you compute one."""
        ...

    def check(self) -> None:
        """A cancel point. Raises Cancelled. Every yield and every call below is one too."""
        ...

    def progress(self, step: int, total: int | None = None, message: str = "") -> None: ...

    def stream(self, text: str, tokens: int = 1, token_facts: tuple[TokenFact, ...] = ()) -> None:
        """The same as yielding a TextDelta, for libraries that call back. A cancel point."""
        ...

    def preview(self, pixels: Pixels) -> None:
        """Show a picture in the making. Newest wins; scaled to at most 256 on its longest side."""
        ...

    def video(
        self,
        name: str,
        width: int,
        height: int,
        frames_per_second: float = 25,
        format: VideoFormat = "mp4",
    ) -> FrameWriter:
        """A film in `work_dir`, written frame by frame, so memory doesn't grow with its length.

        Args:
            name: The file's name without its suffix.
            width: In pixels.
            height: In pixels.
            frames_per_second: Up to 120.
            format: See `VideoFormat`.

        Raises:
            StudioError: a size or speed that the format can't hold.
        """
        ...

    def model_info(self, model_id: str) -> ModelInfo:
        """Facts about a model named in the params.

        Raises:
            ModelError: there is none of that id.
        """
        ...

    def model(self, model_id: str, loader: Loader[T], *, variant: str = "") -> T:
        """The loaded model, from the cache or through `loader`.

        Raises:
            ModelError: there is none, or it can't be loaded.
            Cancelled: while it loaded.
        """
        ...


class Generator(Protocol[P_contra]):
    """Made by the spec's factory on the GPU thread; may keep small state between runs."""

    def generate(self, params: P_contra, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        """Yield outputs. Raise StudioError for what the person can mend; let Cancelled pass."""
        ...


@dataclass(frozen=True)
class GeneratorSpec(Generic[P]):
    """What a plugin says of one generator.

    Args:
        id: `plugin.verb`, lower case, such as "images.create".
        title: What a button says, such as "Create picture".
        description: One sentence.
        params: The parameters' class.
        factory: Called without arguments on the GPU thread, once per engine. Import torch in there.
        yields: What the results are.
        version: The generator's own version; part of every record. Change it when results change.
        icon: Name of an icon of the studio's set.
        purpose: Of one that writes: what the writing desk uses it for. "continue": its text goes on from
            the caret. "rewrite": its text is another form of the selection, shown as a difference. "ask":
            it answers a prompt field about a text. "about": it makes something else of a text, such as
            a summary. "prompt": it shows what the one that continues would read. "score": it judges a
            text's words: its text is the one that was given, with what the model thought of each of its
            tokens, and the window colours the words by it. "ask", "about" and "prompt": what they yield
            stays beside the text until the person inserts it.
            "": "continue" or "rewrite", by the source of its field with TextInputHint.
    """

    id: str
    title: str
    description: str
    params: type[P]
    factory: Callable[[], Generator[P]]
    yields: tuple[Yields, ...]
    version: str
    icon: str = "sparkles"
    purpose: Purpose = ""

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise ValueError(f"a generator's id must look like plugin.verb, not {self.id!r}")
        if not (isinstance(self.params, type) and issubclass(self.params, Params)):
            raise TypeError(f"{self.id}: params must be a subclass of studio.api.Params")
        if not callable(self.factory):
            raise TypeError(f"{self.id}: factory must be callable")
        if not self.yields:
            raise ValueError(f"{self.id}: yields must name at least one kind of result")

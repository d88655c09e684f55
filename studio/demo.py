"""`make demo`: one of everything that the models on this machine can make, into a folder.

The same road as `studio generate`; what the demo made before is replaced. Main thread.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.__main__ import prepare_process
from studio.commands import CANCELLED, DONE

if TYPE_CHECKING:
    from studio.api.outputs import Pixels

OPENING = """\
# The Lamp on Gull Rock

Old Maren had kept the lamp on Gull Rock for forty years, and in all that time nobody had ever \
knocked at her door at night. So when the knock came, in the middle of the storm, she put down \
her tea and listened. It came again, three soft taps. She lifted the latch. On the step stood a \
small fox, dripping wet, with a letter in its mouth.

"You had better come in," said Maren.
"""
PORTRAIT = "portrait, long red hair, smiling, wearing glasses, a green hoodie, blue background"


@dataclass(frozen=True)
class Piece:
    """One thing to make: the words to `studio generate`, and what becomes of the file or files."""

    file: str
    generator: str
    family: str
    """Of the models it needs."""
    settings: tuple[str, ...]
    seed: int
    inputs: tuple[tuple[str, str], ...] = ()
    """Fields, and files of the folder that earlier pieces made."""
    count: int = 1
    finish: Callable[[Path], None] = lambda path: None


def _finish_story(path: Path) -> None:
    """The opening, what the model wrote, and an end at the end of a sentence."""
    from studio.io.atomic import write_text

    written = path.read_text(encoding="utf-8")
    write_text(path, f"{OPENING}{whole_sentences(written)}\n", force=True)


def whole_sentences(text: str) -> str:
    """The text up to its last sentence's end; all of it where there is none."""
    ends = [match.end() for match in re.finditer(r"[.!?…][\"'”’]?(?=\s|$)", text)]
    return text[: ends[-1]] if ends else text.rstrip()


def _finish_faces(path: Path) -> None:
    """A sheet, `faces.png`, of the faces in the folder `faces`."""
    from studio.io.atomic import write_bytes
    from studio.io.images import encode_png, read_image

    faces = sorted(path.parent.glob("face*.png"), key=lambda face: (len(face.name), face.name))
    sheet = contact_sheet([read_image(face) for face in faces[:FACES]], columns=6)
    write_bytes(path.parent.with_suffix(".png"), encode_png(sheet), force=True)


def contact_sheet(pictures: Sequence[Pixels], columns: int) -> Pixels:
    """Pictures of one size row by row; what is left of the last row stays clear."""
    import numpy as np

    from studio.api.outputs import as_pixels

    height, width, _ = pictures[0].shape
    rows = -(-len(pictures) // columns)
    sheet = np.zeros((rows * height, columns * width, 4), np.uint8)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = picture
    return as_pixels(sheet)


FACES = 24
_WALK = ("seeds=3, 8, 14, 21", "frames=24", "truncation_psi=0.8")
PIECES = (
    Piece(
        "story.md",
        "writer.continue",
        "language",
        (f"text={OPENING}", "max_new_tokens=155", "temperature=0.5"),
        15,
        finish=_finish_story,
    ),
    Piece("picture.png", "images.create", "diffusion", (f"prompt={PORTRAIT}",), 7),
    Piece("faces/face.png", "faces.sample", "gan", (), 1, count=FACES, finish=_finish_faces),
    Piece("walk.mp4", "faces.walk", "gan", (*_WALK, "format=mp4"), 1),
    Piece("walk.gif", "faces.walk", "gan", (*_WALK, "format=gif", "frames=16"), 1),
    Piece(
        "morph.png",
        "morph.between",
        "vae",
        ("steps=6", "ends=true", "sheet=true"),
        1,
        inputs=(("pictures", "faces/face.png"), ("pictures", "faces/face-5.png")),
    ),
)


def make_demo(folder: Path) -> int:
    """Make all that can be made; says what and why not. Returns the exit code.

    Raises:
        StorageError: the folder can't be made or written.
    """
    from studio.commands.installed import installed_models, installed_plugins
    from studio.io.atomic import storage_error

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from None
    generators, models = installed_plugins().generators, installed_models()
    outcome = DONE
    for piece in PIECES:
        if piece.generator not in generators:
            _tell(f"{piece.file}: {piece.generator} is not here; see 'studio plugins list'.")
        elif not models.all(piece.family):
            _tell(
                f"{piece.file}: {piece.generator} has no {piece.family} model yet. Add one with "
                "'studio models add PATH', a file or a folder, and run this again."
            )
        elif missing := [file for _, file in piece.inputs if not (folder / file).is_file()]:
            _tell(f"{piece.file}: {piece.generator} takes {' and '.join(missing)}, not made here.")
        else:
            code = _make(piece, folder)
            if code == CANCELLED:
                return code
            outcome = outcome or code
    return outcome


def _make(piece: Piece, folder: Path) -> int:
    from studio.commands.generate import generate
    from studio.commands.installed import installed_plugins
    from studio.commands.order import Order

    path = folder / piece.file
    path.parent.mkdir(exist_ok=True)
    _tell(f"{path}: {piece.generator} …")
    takes_seed = installed_plugins().generators[piece.generator].field_of_kind("seed") is not None
    order = Order(
        generator=piece.generator, settings=piece.settings, seed=piece.seed if takes_seed else None,
        inputs=tuple(f"{field}={folder / file}" for field, file in piece.inputs), count=piece.count,
        output=path, force=True, quiet=piece.count > 1,
    )  # fmt: skip
    code = generate(order)
    if code == DONE:
        piece.finish(path)
    return code


def _tell(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    prepare_process()
    from studio.commands.guard import guarded

    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out")
    sys.exit(guarded(lambda: make_demo(folder), debug="--debug" in sys.argv))


if __name__ == "__main__":
    main()

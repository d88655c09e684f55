"""`folio/document.json`: what a folio holds beside its pixels, as it lies in the file, and its versions.

Strict where a wrong value could do harm, deaf to what it doesn't know. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from studio.core.background import MOST_DEPTH, NOTE_DEPTH
from studio.core.layers import BlendMode

FORMAT = 2
"""Goes up when an older Folio would lose something by reading the file as if it were its own: with every new
field, for what a reader doesn't know it drops, and its next save is without it."""

Place: TypeAlias = Annotated[int, Field(ge=-(1 << 24), le=1 << 24)]
Side: TypeAlias = Annotated[int, Field(ge=0, le=1 << 20)]
Byte: TypeAlias = Annotated[int, Field(ge=0, le=255)]
Data: TypeAlias = dict[str, JsonValue]
Migration: TypeAlias = Callable[[Data], Data]

_JSON_OBJECT: TypeAdapter[Data] = TypeAdapter(Data)

MIGRATIONS: Mapping[int, Migration] = {
    # Forks, the background, guides and `results.json` came: an older folio has none.
    1: lambda data: data,
}
"""From each older format to the next one."""


class FormatError(ValueError):
    """The document can't be read; the text says why."""


class NewerFormatError(FormatError):
    """A newer Folio wrote it."""

    def __init__(self, found: int) -> None:
        super().__init__(f"it has format {found}, and this Folio reads up to {FORMAT}")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class PieceData(_Part):
    """A picture in the file; its top left corner lies at (`x`, `y`) of the tile map."""

    src: str
    x: Place
    y: Place


class MaskData(_Part):
    pieces: tuple[PieceData, ...] = ()
    fill: Byte = 0
    x: Place = 0
    y: Place = 0
    enabled: bool = True


class StyleData(_Part):
    family: str = ""
    size_px: Annotated[float, Field(gt=0, le=100_000)] = 48.0
    bold: bool = False
    italic: bool = False
    colour: tuple[Byte, Byte, Byte, Byte] = (0, 0, 0, 255)
    align: Literal["left", "center", "right"] = "left"
    width_px: Side = 0


class LayerData(_Part):
    """One layer of any kind; `layers` from bottom to top."""

    kind: Literal["paint", "group", "text"]
    id: Annotated[str, Field(min_length=1, max_length=200)]
    name: str = ""
    visible: bool = True
    opacity: Annotated[float, Field(ge=0, le=1)] = 1.0
    blend_mode: BlendMode = BlendMode.NORMAL
    locked: bool = False
    clipped: bool = False
    record_id: str = ""
    mask: MaskData | None = None
    x: Place = 0
    y: Place = 0
    pieces: tuple[PieceData, ...] = ()
    alpha_locked: bool = False
    text: str = ""
    style: StyleData = StyleData()
    layers: tuple[LayerData, ...] = ()


class SpanData(_Part):
    """Characters `start` to `end` of the text came from a model."""

    start: Annotated[int, Field(ge=0, le=1 << 30)]
    end: Annotated[int, Field(ge=0, le=1 << 30)]
    record_id: Annotated[str, Field(min_length=1, max_length=200)]
    edited: bool = False


Character: TypeAlias = Annotated[int, Field(ge=0, le=1 << 30)]


class BranchData(_Part):
    """One way the text could go on; `text` is None for a result as it is, and where its words stand in the
    text."""

    id: Annotated[int, Field(ge=1, le=1 << 30)]
    record_id: Annotated[str, Field(max_length=200)] = ""
    name: Annotated[str, Field(max_length=1000)] = ""
    text: str | None = None
    spans: tuple[SpanData, ...] = ()
    forks: tuple[ForkData, ...] = ()


class ForkData(_Part):
    position: Character
    length: Character = 0
    branches: tuple[BranchData, ...] = ()
    shown: Annotated[int, Field(ge=0, le=1 << 30)] = 0


class BackgroundData(_Part):
    memory: Annotated[str, Field(max_length=1 << 20)] = ""
    author_note: Annotated[str, Field(max_length=1 << 20)] = ""
    note_depth: Annotated[int, Field(ge=0, le=MOST_DEPTH)] = NOTE_DEPTH
    world_notes: Annotated[str, Field(max_length=1 << 20)] = ""


class GuideData(_Part):
    axis: Literal["x", "y"]
    at_px: Place


class FolioData(_Part):
    format: int = FORMAT
    app: str = ""
    width_px: Side = 0
    height_px: Side = 0
    layers: tuple[LayerData, ...] = ()
    selection: MaskData | None = None
    spans: tuple[SpanData, ...] = ()
    forks: tuple[ForkData, ...] = ()
    background: BackgroundData = BackgroundData()
    guides: Annotated[tuple[GuideData, ...], Field(max_length=10_000)] = ()


def read_data(text: bytes, migrations: Mapping[int, Migration] = MIGRATIONS) -> FolioData:
    """The document from JSON of this format or an older one.

    Raises:
        NewerFormatError, FormatError: it is newer, or makes no sense.
    """
    try:
        raw = _JSON_OBJECT.validate_json(text)
        found = raw.get("format")
        if not isinstance(found, int) or isinstance(found, bool) or found < 1:
            raise FormatError("its format has no number")
        if found > FORMAT:
            raise NewerFormatError(found)
        for number in range(found, FORMAT):
            raw = migrations[number](raw)
        return FolioData.model_validate({**raw, "format": FORMAT})
    except ValidationError as error:
        first: Mapping[str, Any] = dict(error.errors()[0])
        place = ".".join(str(part) for part in first["loc"])
        raise FormatError(f"{place or 'document.json'}: {first['msg']}") from None
    except RecursionError:
        raise FormatError("its groups are nested too deeply") from None

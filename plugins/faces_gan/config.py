"""The shape of a GAN: read from a config, or from the shapes of its weights. No torch; any thread."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]


class Misfit(ValueError):
    """Config and weights don't belong together, or are of no known kind; the text says why."""


@dataclass(frozen=True)
class GanConfig:
    """The shape of a generator and its discriminator.

    `channels`, if given, says how many each resolution has, from 4 × 4 up, instead of the rule
    min(channel_base / resolution, channel_max).
    """

    z_dim: int = 512
    w_dim: int = 512
    c_dim: int = 0
    resolution: int = 256
    img_channels: int = 3
    channel_base: int = 32768
    channel_max: int = 512
    channels: tuple[int, ...] = ()
    mapping_layers: int = 8
    mapping_learning_rate: float = 0.01
    conv_clamp: float | None = None
    mbstd_group_size: int = 4
    mbstd_channels: int = 1
    d_mapping_layers: int = 8

    def __post_init__(self) -> None:
        if not 8 <= self.resolution <= 4096 or self.resolution & (self.resolution - 1):
            raise ValueError(
                f"resolution must be a power of two from 8 to 4096, not {self.resolution}"
            )
        if self.channels and len(self.channels) != len(self.resolutions):
            raise ValueError(f"channels must have {len(self.resolutions)} entries")
        if min(self.z_dim, self.w_dim, self.img_channels, self.mapping_layers) < 1:
            raise ValueError("z_dim, w_dim, img_channels and mapping_layers must be at least 1")

    @property
    def resolutions(self) -> tuple[int, ...]:
        """4, 8, … up to the picture's."""
        return tuple(1 << power for power in range(2, self.resolution.bit_length()))

    @property
    def num_ws(self) -> int:
        """How many w a picture takes: one per convolution, and one for the last output layer."""
        return 2 * len(self.resolutions)

    def channels_at(self, resolution: int) -> int:
        if self.channels:
            return self.channels[self.resolutions.index(resolution)]
        return min(self.channel_base // resolution, self.channel_max)


_BLOCK = re.compile(r"synthesis\.b(\d+)\.(.+)")
_DENSE = re.compile(r"mapping\.fc(\d+)\.weight")


def config_from_shapes(shapes: Shapes) -> GanConfig:
    """The config of a generator whose parameters, named as published, have these shapes.

    What no shape tells (clamping, the mapping's learning rate) is the published default.

    Raises:
        Misfit: they are no StyleGAN2 generator's, or of an unsupported kind.
    """
    blocks = sorted({int(match[1]) for name in shapes if (match := _BLOCK.fullmatch(name))})
    if not blocks:
        raise Misfit("it has no layers of a StyleGAN2 generator")
    resolution = blocks[-1]
    if resolution < 8 or blocks != [1 << power for power in range(2, resolution.bit_length())]:
        raise Misfit(
            f"its resolutions are {', '.join(map(str, blocks))}, and not 4, 8, 16 and so on"
        )
    for size in blocks:
        if (
            f"synthesis.b{size}.torgb.weight" not in shapes
            or f"synthesis.b{size}.skip.weight" in shapes
        ):
            raise Misfit(
                "its generator is not of the kind that adds pictures up (architecture 'skip')"
            )
    depth = len([name for name in shapes if _DENSE.fullmatch(name)])
    embedding = _of(shapes, "mapping.embed.weight", 2) if "mapping.embed.weight" in shapes else None
    w_dim = _of(shapes, f"synthesis.b{resolution}.torgb.affine.weight", 2)[1]
    z_and_c = _of(shapes, "mapping.fc0.weight", 2)[1]
    return GanConfig(
        z_dim=z_and_c - (embedding[0] if embedding else 0),
        w_dim=w_dim,
        c_dim=embedding[1] if embedding else 0,
        resolution=resolution,
        img_channels=_of(shapes, f"synthesis.b{resolution}.torgb.weight", 4)[0],
        channels=tuple(_of(shapes, f"synthesis.b{size}.conv1.weight", 4)[0] for size in blocks),
        mapping_layers=depth,
    )


def _of(shapes: Shapes, name: str, dimensions: int) -> Shape:
    shape = shapes.get(name, ())
    if len(shape) != dimensions or 0 in shape:
        raise Misfit(f"its {name} is missing or of a wrong shape")
    return shape


def config_from_json(values: Mapping[str, object]) -> GanConfig:
    """The config in a folder's config.json; other entries are left alone.

    Raises:
        Misfit: a value is missing, of a wrong type or makes no sense.
    """
    known = {field.name: field for field in fields(GanConfig)}
    given: dict[str, object] = {}
    for name, value in values.items():
        if name not in known:
            continue
        if name == "channels" and isinstance(value, list):
            value = tuple(value)
        elif name == "conv_clamp" and value is None:
            pass
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise Misfit(f"its {name} is {value!r}, which is no number")
        elif isinstance(known[name].default, int) and not isinstance(value, int):
            raise Misfit(f"its {name} is {value!r}, which is no whole number")
        given[name] = value
    for name in ("z_dim", "w_dim", "resolution", "img_channels"):
        if name not in given:
            raise Misfit(f"its {name} is missing")
    try:
        return GanConfig(**given)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise Misfit(str(error)) from None


def generator_shapes(config: GanConfig) -> dict[str, Shape]:
    """Every parameter and buffer of a generator of this config."""
    shapes: dict[str, Shape] = {"mapping.w_avg": (config.w_dim,)}
    width = config.z_dim
    if config.c_dim:
        shapes |= _dense("mapping.embed", config.c_dim, config.w_dim)
        width += config.w_dim
    for index in range(config.mapping_layers):
        shapes |= _dense(f"mapping.fc{index}", width, config.w_dim)
        width = config.w_dim
    for size in config.resolutions:
        block, outputs = f"synthesis.b{size}", config.channels_at(size)
        shapes[f"{block}.resample_filter"] = (4, 4)
        if size == 4:
            shapes[f"{block}.const"] = (outputs, 4, 4)
        else:
            inputs = config.channels_at(size // 2)
            shapes |= _styled(f"{block}.conv0", inputs, outputs, config.w_dim, size)
        shapes |= _styled(f"{block}.conv1", outputs, outputs, config.w_dim, size)
        shapes |= _dense(f"{block}.torgb.affine", config.w_dim, outputs)
        shapes[f"{block}.torgb.weight"] = (config.img_channels, outputs, 1, 1)
        shapes[f"{block}.torgb.bias"] = (config.img_channels,)
    return shapes


def _dense(name: str, inputs: int, outputs: int) -> dict[str, Shape]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _styled(name: str, inputs: int, outputs: int, w_dim: int, size: int) -> dict[str, Shape]:
    return _dense(f"{name}.affine", w_dim, inputs) | {
        f"{name}.weight": (outputs, inputs, 3, 3),
        f"{name}.bias": (outputs,),
        f"{name}.noise_strength": (),
        f"{name}.noise_const": (size, size),
        f"{name}.resample_filter": (4, 4),
    }


OPTIONAL = re.compile(r".*\.(?:noise_strength|noise_const|resample_filter)")
"""What a file may leave out: the filter is always the same, and a net may have no noise."""


def check_fit(config: GanConfig, shapes: Shapes) -> int:
    """That the weights are those of a generator of this config; returns how many numbers they are.

    Raises:
        Misfit: names the first that is missing, left over, or of another shape.
    """
    expected = generator_shapes(config)
    for name, shape in expected.items():
        if name not in shapes and not OPTIONAL.fullmatch(name):
            raise Misfit(f"{name} is missing")
        if tuple(shapes.get(name, shape)) != shape:
            raise Misfit(f"{name} is of the shape {tuple(shapes[name])} instead of {shape}")
    if left_over := sorted(set(shapes) - set(expected)):
        raise Misfit(f"there is no place for {left_over[0]}")
    return sum(math.prod(shape) for shape in shapes.values())

"""Configs from shapes and from JSON, and whether weights fit them."""

from __future__ import annotations

import pytest
import torch

from studio_plugins.faces_gan.config import (
    GanConfig,
    Misfit,
    check_fit,
    config_from_json,
    config_from_shapes,
    generator_shapes,
)
from studio_plugins.faces_gan.net import Generator


@pytest.mark.parametrize("resolution", [64, 128, 256, 512, 1024])
@pytest.mark.parametrize("c_dim", [0, 10])
def test_config_from_shapes_gives_a_generator_of_just_these_weights(
    resolution: int, c_dim: int
) -> None:
    with torch.device("meta"):
        net = Generator(GanConfig(resolution=resolution, c_dim=c_dim, channel_base=16384))
    shapes = {name: tuple(value.shape) for name, value in net.state_dict().items()}
    config = config_from_shapes(shapes)
    assert (config.resolution, config.c_dim, config.z_dim) == (resolution, c_dim, 512)
    assert generator_shapes(config) == shapes
    assert check_fit(config, shapes) == sum(v.numel() for v in net.state_dict().values())


def test_check_fit_names_what_is_wrong() -> None:
    config = GanConfig(z_dim=8, w_dim=8, resolution=16, channel_base=64, channel_max=8)
    shapes = generator_shapes(config)
    check_fit(config, {n: s for n, s in shapes.items() if "noise" not in n})
    with pytest.raises(Misfit, match=r"synthesis\.b8\.conv0\.weight is missing"):
        check_fit(config, {n: s for n, s in shapes.items() if n != "synthesis.b8.conv0.weight"})
    with pytest.raises(Misfit, match=r"mapping\.fc0\.weight is of the shape \(9, 9\)"):
        check_fit(config, {**shapes, "mapping.fc0.weight": (9, 9)})
    with pytest.raises(Misfit, match="no place for extra"):
        check_fit(config, {**shapes, "extra": (1,)})


def test_other_architectures_are_refused() -> None:
    shapes = generator_shapes(GanConfig(z_dim=8, w_dim=8, resolution=16, channel_max=8))
    with pytest.raises(Misfit, match="skip"):
        config_from_shapes({**shapes, "synthesis.b8.skip.weight": (8, 8, 1, 1)})
    with pytest.raises(Misfit, match="resolutions"):
        config_from_shapes({n: s for n, s in shapes.items() if ".b8." not in n})
    with pytest.raises(Misfit, match="no layers"):
        config_from_shapes({"conv.weight": (3, 3, 3, 3)})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"z_dim": "many"}, "no number"),
        ({"w_dim": 8.5}, "no whole number"),
        ({"resolution": 24}, "power of two"),
        ({"channels": [1]}, "entries"),
        ({"resolution": None}, "no number"),
        ({"resolution": 1 << 40}, "power of two"),
    ],
)
def test_config_json_that_makes_no_sense_is_refused(change: dict[str, object], words: str) -> None:
    sane: dict[str, object] = {"z_dim": 8, "w_dim": 8, "resolution": 16, "img_channels": 3}
    assert config_from_json({**sane, "title": "x"}).w_dim == 8
    with pytest.raises(Misfit, match=words):
        config_from_json({**sane, **change})
    with pytest.raises(Misfit, match="missing"):
        config_from_json({"z_dim": 8})

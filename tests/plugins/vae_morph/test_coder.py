"""The VAE there and back: as diffusers does it, in tiles, remembered."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import Cancelled, StudioError
from studio.api.testing import InlineContext
from studio_plugins.vae_morph import coder as coders
from studio_plugins.vae_morph.coder import Coder, Encoded, fingerprint
from studio_plugins.vae_morph.loading import load_coder
from studio_plugins.vae_morph.recognise import recognise
from tests.support.tiny_language import info_of
from tests.support.tiny_vae import tiny_kl, tiny_taesd


def _coder(folder: Path, work: Path) -> Coder:
    return InlineContext(work, models={"tiny": info_of(folder, recognise)}).model(
        "tiny", load_coder
    )


def _colour(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("make", [tiny_kl, tiny_taesd])
def test_a_picture_goes_there_and_back_as_diffusers_does_it(make: Any, tmp_path: Path) -> None:
    import torch

    coder = _coder(make(tmp_path / "vae"), tmp_path)
    colour = _colour(48, 64)
    latent = coder.encode(colour)
    assert latent.shape == (4, 6, 8)
    values = torch.from_numpy(colour).permute(2, 0, 1)[None].float() / 127.5 - 1
    with torch.no_grad():
        answer = coder.vae.encode(values)
        expected = answer.latents if make is tiny_taesd else answer.latent_dist.mean
        sample = coder.vae.decode(expected).sample[0]
    np.testing.assert_allclose(latent, expected[0].numpy(), atol=1e-5)
    pixels = ((sample / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
    np.testing.assert_array_equal(coder.decode(latent), pixels.permute(1, 2, 0).numpy())


@pytest.mark.parametrize("channels", [4, 6])
def test_tiles_join_without_a_trace_where_the_network_sees_only_near(
    channels: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without norms nothing is global; so tiles agree wherever they overlap by more than it sees.
    coder = _coder(tiny_taesd(tmp_path / "vae", channels=channels), tmp_path)
    colour = _colour(256, 320)
    whole = coder.encode(colour)
    picture = coder.decode(whole)
    monkeypatch.setattr(coders, "_TILE_PX", (192, 192, 192))
    tiled = coder.encode(colour)
    assert tiled.shape == whole.shape
    assert np.abs(tiled - whole).mean() < 0.02 * np.abs(whole).mean()
    joined = coder.decode(whole).astype(int)
    assert np.abs(joined - picture).mean() < 0.5


def test_every_tile_is_a_cancel_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coder = _coder(tiny_kl(tmp_path / "vae"), tmp_path)
    monkeypatch.setattr(coders, "_TILE_PX", (64, 64, 64))
    checks: list[int] = []

    def check() -> None:
        checks.append(1)
        if len(checks) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        coder.encode(_colour(160, 160), check=check)
    latent = np.zeros((4, 20, 20), np.float32)
    checks.clear()
    with pytest.raises(Cancelled):
        coder.decode(latent, check=check)


def test_more_memory_trouble_makes_smaller_tiles(tmp_path: Path) -> None:
    coder = _coder(tiny_kl(tmp_path / "vae"), tmp_path)
    decoded: list[tuple[int, ...]] = []
    coder.vae.decoder.register_forward_pre_hook(lambda _, args: decoded.append(args[0].shape[2:]))
    latent = np.zeros((4, 90, 60), np.float32)
    for level, largest in ((0, 90), (1, 64), (2, 32)):
        decoded.clear()
        assert coder.decode(latent, memory_level=level).shape == (720, 480, 3)
        assert max(max(shape) for shape in decoded) == largest


def test_remembered_pictures_are_not_encoded_again_and_the_oldest_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    coder = _coder(tiny_kl(tmp_path / "vae"), tmp_path)
    made: list[str] = []

    def encoded(name: str) -> Encoded:
        made.append(name)
        return Encoded(np.zeros((4, 8, 8), np.float32), None)

    monkeypatch.setattr(coders, "_REMEMBERED_BYTES", 2 * 4 * 64 * 4)
    for name in ("a", "b", "a", "c", "a", "b"):
        coder.remembered(name, partial(encoded, name))
    assert made == ["a", "b", "c", "b"]
    coder.forget()
    coder.remembered("a", lambda: encoded("a"))
    assert made[-1] == "a"


def test_fingerprints_tell_shapes_apart() -> None:
    pixels = np.zeros((2, 8, 4), np.uint8)
    assert fingerprint(pixels) != fingerprint(pixels.reshape(4, 4, 4))
    assert fingerprint(pixels) == fingerprint(pixels.copy())


def test_an_answer_that_is_no_number_is_said(tmp_path: Path) -> None:
    coder = _coder(tiny_kl(tmp_path / "vae"), tmp_path)
    with pytest.raises(StudioError, match="no numbers"):
        coder.decode(np.full((4, 4, 4), 3e38, np.float32))

"""Nothing reaches the network: the guard works, here and in every process the tests start."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from studio.io.images import encode_png
from tests.support.network import NetworkReached
from tests.support.tiny_diffusion import tiny_pipeline
from tests.support.tiny_gan import gan_folder
from tests.support.tiny_vae import tiny_kl


def test_guard_connect_is_refused() -> None:
    with socket.socket(socket.AF_INET) as plain, pytest.raises(NetworkReached):
        plain.connect(("127.0.0.1", 9))


def test_guard_listening_is_refused() -> None:
    with socket.socket(socket.AF_INET) as plain, pytest.raises(NetworkReached):
        plain.listen()


def test_guard_name_lookup_is_refused() -> None:
    with pytest.raises(NetworkReached):
        socket.getaddrinfo("huggingface.co", 443)


def test_guard_holds_in_child_processes() -> None:
    code = "import socket; socket.getaddrinfo('huggingface.co', 443)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode != 0
    assert b"NetworkReached" in done.stderr


def _isolated() -> list[str] | None:
    """A command prefix that runs a process without any network interface, where the system can."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    prefix = [unshare, "--net", "--map-root-user"]
    done = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    return prefix if done.returncode == 0 else None


@pytest.mark.skipif(_isolated() is None, reason="this system can't start network namespaces")
def test_generate_without_any_interface_writes_a_text() -> None:
    """Native code could pass the Python guard, so once more where there is nothing to reach."""
    prefix = _isolated()
    assert prefix is not None
    command = [sys.executable, "-m", "studio", "generate", "writer.continue"]
    settings = ["--set", "text=The lighthouse", "--set", "max_new_tokens=8", "--seed", "1"]
    done = subprocess.run([*prefix, *command, *settings], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.strip()


@pytest.mark.skipif(_isolated() is None, reason="this system can't start network namespaces")
@pytest.mark.timeout(600)
def test_pictures_without_any_interface_are_made(tmp_path: Path) -> None:
    """Faces, a morph and a picture of words, with models that are added there too."""
    tiny_pipeline(tmp_path / "pipeline")
    gan_folder(tmp_path / "gan")
    tiny_kl(tmp_path / "vae")
    for seed in (1, 2):
        pixels = np.full((32, 32, 4), 90 * seed, np.uint8)
        (tmp_path / f"{seed}.png").write_bytes(encode_png(pixels))
    order = {
        "images.create": ["--set", "prompt=a fox", "--set", "steps=2", "-o", "fox.png"],
        "faces.walk": ["--set", "seeds=1,2", "--set", "frames=2", "-o", "walk.mp4"],
        "morph.between": ["--input", "pictures=1.png", "--input", "pictures=2.png", "-o", "m.png"],
    }
    models = {"images.create": "pipeline/model", "faces.walk": "gan", "morph.between": "vae"}
    lines = [["models", "add", models[generator]] for generator in order]
    for generator, arguments in order.items():
        model = Path(models[generator]).name
        lines.append(["generate", generator, "--set", f"model={model}", *arguments])
    code = f"from studio.cli import run\nassert not any(run(line) for line in {lines!r})"
    prefix = _isolated()
    assert prefix is not None
    done = subprocess.run(
        [*prefix, sys.executable, "-c", code], capture_output=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "walk.mp4").exists()

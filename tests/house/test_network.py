"""Nothing reaches the network: the guard works, here and in every process the tests start."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys

import pytest

from tests.support.network import NetworkReached


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

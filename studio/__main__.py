"""`python -m studio` and the script `studio`: environment first, then the command line."""

from __future__ import annotations

import os
import sys

ENVIRONMENT = {
    # No library may reach for a hub, a telemetry server or an update check.
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DIFFUSERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # Spinning threads beside a busy process took all speed away in a trial.
    "OMP_WAIT_POLICY": "PASSIVE",
    "TRANSFORMERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}


def prepare_process() -> None:
    """Environment and streams, before anything heavy is imported."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # Windows consoles are not UTF-8 by themselves
            reconfigure(encoding="utf-8", errors="replace")


def main() -> None:
    prepare_process()
    try:
        from studio.cli import run
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

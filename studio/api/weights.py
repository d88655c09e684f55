"""What a weights file is, read from its first bytes: never by its suffix, never unpickled. Any thread.

Every function raises ModelError and nothing else, and needs memory in proportion to the header alone.
"""

from __future__ import annotations

from studio.api._weights_folder import (
    FolderWeights,
    ModelCard,
    check_config,
    does_not_fit,
    folder_weights,
    must_be_there,
    read_card,
    read_config,
)
from studio.api._weights_gguf import GgufHeader, GgufScalar, read_gguf_header
from studio.api._weights_kind import WeightsKind, is_pickle, kind_of, refuse
from studio.api._weights_safetensors import (
    SafetensorsHeader,
    TensorFact,
    read_safetensors_header,
)

__all__ = [
    "FolderWeights",
    "GgufHeader",
    "GgufScalar",
    "ModelCard",
    "SafetensorsHeader",
    "TensorFact",
    "WeightsKind",
    "check_config",
    "does_not_fit",
    "folder_weights",
    "is_pickle",
    "kind_of",
    "must_be_there",
    "read_card",
    "read_config",
    "read_gguf_header",
    "read_safetensors_header",
    "refuse",
]

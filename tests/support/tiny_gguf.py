"""The tiny Llama of `tiny_language` as a GGUF file: the same weights and tokenizer for llama.cpp."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def tiny_gguf(
    folder: Path,
    file: Path,
    *,
    architecture: str = "llama",
    chat_template: str = "",
    quantised: str = "",
) -> Path:
    """Write the Llama saved in `folder` to `file`, in 32 bit or with its matrices quantised.

    Args:
        architecture: What the header says; any other than "llama" makes a file nobody can load.
        chat_template: Put into the header when given.
        quantised: A type of GGUF's, such as "Q4_1".
    """
    import gguf
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    config = model.config
    writer = gguf.GGUFWriter(file, architecture)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)
    _write_tokenizer(writer, tokenizer, chat_template)
    for name, tensor in model.state_dict().items():
        array = tensor.detach().float().numpy()
        if ".q_proj" in name:
            array = _interleaved(array, config.num_attention_heads)
        elif ".k_proj" in name:
            array = _interleaved(array, config.num_key_value_heads)
        array = np.ascontiguousarray(array)
        if quantised and array.ndim == 2:
            kind = gguf.GGMLQuantizationType[quantised]
            packed = gguf.quants.quantize(array, kind)
            writer.add_tensor(_gguf_name(name), packed, raw_dtype=kind)
        else:
            writer.add_tensor(_gguf_name(name), array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _write_tokenizer(writer: Any, tokenizer: Any, chat_template: str) -> None:
    import json

    from gguf import TokenType

    ids = tokenizer.get_vocab()
    special = set(tokenizer.all_special_tokens)
    tokens = sorted(ids, key=lambda token: ids[token])
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [TokenType.CONTROL if token in special else TokenType.NORMAL for token in tokens]
    )
    writer.add_token_merges([pair if isinstance(pair, str) else " ".join(pair) for pair in merges])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_add_bos_token(False)
    if chat_template:
        writer.add_chat_template(chat_template)


def _gguf_name(name: str) -> str:
    if name.startswith("model.layers."):
        _, _, number, rest = name.split(".", 3)
        return f"blk.{number}.{_NAMES[rest.removesuffix('.weight')]}.weight"
    return {
        "model.embed_tokens.weight": "token_embd.weight",
        "model.norm.weight": "output_norm.weight",
        "lm_head.weight": "output.weight",
    }[name]


def _interleaved(weights: Any, heads: int) -> Any:
    """llama.cpp turns pairs of neighbours, transformers the two halves of a head."""
    rows, columns = weights.shape
    halves = weights.reshape(heads, 2, rows // heads // 2, columns)
    return halves.swapaxes(1, 2).reshape(rows, columns)

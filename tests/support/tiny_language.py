"""Real causal language models and tokenizers, tiny, untrained, in the formats people bring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.api import ModelInfo

_TEXT = [
    "The lighthouse keeper opened the door and looked at the sea.",
    "A fox ran over the hill; the moon was bright.",
    "从前有一座山,山里有一座庙。",
    "Emoji: 😀🎉 and accents: é ü ß.",
]
CHAT_TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def tiny_tokenizer(*, chat: bool = False) -> Any:
    """A byte-level BPE: every text round-trips, every character may be several tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<s>", "</s>"],
        initial_alphabet=alphabet,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_TEXT, trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    if chat:
        wrapped.chat_template = CHAT_TEMPLATE
    return wrapped


def tiny_model(
    folder: Path,
    kind: str = "llama",
    *,
    chat: bool = False,
    context: int = 128,
    spread: float = 0.02,
) -> Path:
    """A saved Hugging Face folder: "llama", "gpt2" or "qwen2".

    Args:
        spread: Of the random weights. The usual 0.02 makes all words about equally likely.
    """
    import torch
    from transformers import (
        GPT2Config,
        GPT2LMHeadModel,
        LlamaConfig,
        LlamaForCausalLM,
        Qwen2Config,
        Qwen2ForCausalLM,
    )

    tokenizer = tiny_tokenizer(chat=chat)
    torch.manual_seed(0)
    common: dict[str, Any] = {
        "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": context,
        "initializer_range": spread,
        "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
    }  # fmt: skip
    model: Any
    if kind == "llama":
        model = LlamaForCausalLM(LlamaConfig(**common))
    elif kind == "qwen2":
        model = Qwen2ForCausalLM(Qwen2Config(**common))
    else:
        config = GPT2Config(
            vocab_size=len(tokenizer), n_embd=32, n_layer=2, n_head=4, n_positions=context,
            initializer_range=spread,
            bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        )  # fmt: skip
        model = GPT2LMHeadModel(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def info_of(path: Path, recognise: Any) -> ModelInfo:
    facts = recognise(path)
    assert facts is not None
    return ModelInfo(id="tiny", path=path, facts=facts, content_hash="0" * 64, size_bytes=1)

"""The starter's tokenizer: CLIP's byte-level BPE, its merges learnt from captions. No weights in it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from captions import all_texts, caption
from tokenizers import Regex as Pattern
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

MAX_TOKENS = 48
VOCABULARY = 900
"""Enough for every word of the captions to be one token; any other text is spelt out, byte by byte."""
_WORDS = r"""<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""
"""How CLIP cuts a text before it merges (Radford et al. 2021, the published tokenizer's pattern)."""


def _texts(portraits: list[Mapping[str, str]], count: int) -> Iterator[str]:
    rng = random.Random(0)
    for _ in range(count):
        yield caption(rng.choice(portraits), rng, dropout=0.1).text


def _chinese_merges() -> list[str]:
    """A token a character, within a run and at its end: Chinese is written without spaces."""
    characters = {c for text in all_texts("zh") for c in text.replace("{}", "")} | set(
        "，。、的和有戴穿"
    )
    merges: dict[str, None] = {}
    for character in sorted(characters):
        first, second, third = pre_tokenizers.ByteLevel(False, use_regex=False).pre_tokenize_str(
            character
        )[0][0]
        merges[f"{first} {second}"] = None
        for end in ("", "</w>"):
            merges[f"{first}{second} {third}{end}"] = None
    return list(merges)


def make_tokenizer(portraits: list[Mapping[str, str]], folder: Path) -> CLIPTokenizer:
    """Learn it, save it as `CLIPTokenizer` loads it, and load it."""
    backend = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token="<|endoftext|>"))
    backend.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Pattern(r"\s+"), " "), normalizers.Lowercase()]
    )
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Pattern(_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False,
        min_frequency=2,
    )  # fmt: skip
    backend.train_from_iterator(_texts(portraits, 30_000), trainer)
    learnt = json.loads(backend.to_str())["model"]
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in learnt["merges"]]
    merges = _chinese_merges() + merges
    words = [
        *alphabet,
        *(f"{letter}</w>" for letter in alphabet),
        *(m.replace(" ", "") for m in merges),
    ]
    words = [*dict.fromkeys(words), "<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {word: number for number, word in enumerate(words)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    tokenizer = CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=MAX_TOKENS
    )
    tokenizer.save_pretrained(folder)
    return tokenizer

"""A writer that has no model: its text as a plugin of the person's own, and what it does said in words."""

from __future__ import annotations

PLUGIN = '''
import json
from typing import Annotated, Literal
from pydantic import Field
from studio.api import (GeneratorSpec, Params, PromptHint, Seed, TextDelta, TextInputHint, TextOutput,
    hookimpl, seed_field)

FOLIO_API = 1

class ContinueParams(Params):
    text: Annotated[str, TextInputHint("before_caret")] = ""
    memory: str = ""
    author_note: str = ""
    note_depth: int = Field(3, ge=0, le=100)
    world_notes: str = ""
    seed: Seed = seed_field()

class Continue:
    """Tells its seed, so that another seed is another text."""

    def generate(self, params, inputs, ctx):
        said = f" and {params.memory}{ctx.seed % 100}"
        yield TextDelta(said)
        yield TextOutput(said, seed=ctx.seed)

class Prompt:
    """Counts words as tokens; reads ten of them."""

    def generate(self, params, inputs, ctx):
        words = (params.memory + " " + params.text).split()
        cut = max(0, len(words) - 10)
        parts = [{"kind": "memory", "name": "", "tokens": len(params.memory.split()), "cut_tokens": 0},
            {"kind": "text", "name": "", "tokens": len(params.text.split()) - cut, "cut_tokens": cut}]
        yield TextOutput(" ".join(words[cut:]), extras={"prompt_tokens": len(words) - cut, "budget": 10,
            "cut_tokens": cut, "parts": json.dumps(parts)})

class RewriteParams(Params):
    instruction: Annotated[str, PromptHint()] = "Better"
    task: Literal["own", "shorten", "translate"] = "own"
    language: str = "English"
    variants: int = Field(1, ge=1, le=3)
    text: Annotated[str, TextInputHint("selection")] = Field(..., min_length=1)

class Rewrite:
    """The passage with its last word exchanged for what it was told to do; "a|b" exchanges the first too.
    Each variant but the first has its number behind it."""

    def generate(self, params, inputs, ctx):
        wish = {"own": params.instruction, "shorten": "short", "translate": params.language}[params.task]
        words = params.text.split()
        first, bar, last = wish.partition("|")
        words[0], words[-1] = (first, last) if bar else (words[0], wish)
        yield TextDelta(words[0])
        for number in range(params.variants):
            yield TextOutput(" ".join(words) + (f" {number + 1}" if number else ""))

class AskParams(Params):
    question: Annotated[str, PromptHint()] = Field(..., min_length=1)
    text: Annotated[str, TextInputHint("selection")] = ""
    earlier: str = ""

class Ask:
    def generate(self, params, inputs, ctx):
        yield TextDelta("Yes")
        earlier = len(json.loads(params.earlier or "[]"))
        yield TextOutput(f"Yes, {params.question} of {params.text!r} after {earlier}")

class SumParams(Params):
    text: Annotated[str, TextInputHint("selection")] = Field(..., min_length=1)
    kind: Literal["names", "places"] = "names"

class Sum:
    def generate(self, params, inputs, ctx):
        yield TextOutput(f"In short: {params.text.split()[0]}")

@hookimpl
def folio_generators():
    def spec(verb, title, params, factory, purpose):
        return GeneratorSpec(id="toy_writer." + verb, title=title, description=title, params=params,
            factory=factory, yields=("text",), version="1", purpose=purpose)
    return [spec("go_on", "Go on", ContinueParams, Continue, "continue"),
        spec("rewrite", "Rewrite", RewriteParams, Rewrite, "rewrite"),
        spec("ask", "Ask", AskParams, Ask, "ask"),
        spec("sum_up", "Sum up", SumParams, Sum, "about"),
        spec("prompt", "Show the prompt", ContinueParams, Prompt, "prompt")]
'''

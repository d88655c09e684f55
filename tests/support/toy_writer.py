"""A plugin of one writer and one reader for the window's tests: it tells of each token, and can be held."""

SOURCE = """
import math
import re
from typing import Annotated
from pydantic import Field
from studio.api import *

FOLIO_API = 1

class LineParams(Params):
    text: Annotated[str, TextInputHint("before_caret")] = Field("", description="before")
    alternatives: Annotated[int, KeepsTokenFacts()] = Field(0, ge=0, le=20, description="told")
    ending: str = Field(" down.", description="how it ends")
    seed: Seed = seed_field()

class Line:
    def generate(self, params, inputs, ctx):
        last = (params.text.split() or [""])[-1]
        verb = " sat" if last == "cat" else " then"
        facts = ()
        if params.alternatives:
            others = (Alternative(" ran", math.log(0.5)), Alternative(verb, math.log(0.25)))
            facts = (TokenFact(verb, math.log(0.25), others), TokenFact(params.ending, -0.1, ()))
        yield TextDelta(verb)
        yield TextOutput(verb + params.ending, seed=params.seed, token_facts=facts)

class ReadParams(Params):
    text: Annotated[str, TextInputHint("selection")] = Field(..., description="what")
    before: Annotated[str, TextInputHint("before_selection")] = Field("", description="what stands before")

class Read:
    def generate(self, params, inputs, ctx):
        # A word is as many bits of surprise as it has letters; the very first of all is none.
        while params.text.startswith("Endless"):
            ctx.progress(3, 9)
        words = re.findall(r"\\s*\\S+|\\s+", params.text)
        facts = [
            TokenFact(word, -math.log(2) * len(word.strip()), (Alternative(" other", -1.0),))
            for word in words
        ]
        if not params.before:
            facts[0] = TokenFact(words[0], None)
        facts = tuple(facts)
        yield TextOutput(params.text, token_facts=facts)

@hookimpl
def folio_generators():
    def spec(verb, params, factory, **more):
        return GeneratorSpec(id="a_toy." + verb, title=verb, description=verb, params=params,
            factory=factory, yields=("text",), version="1", **more)
    return [spec("line", LineParams, Line), spec("read", ReadParams, Read, purpose="score")]
"""

"""How a canvas is decoded, whatever the strategy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le
from typing_extensions import Doc


@dataclass(frozen=True)
class Settings:
    """The `[decode]` table of a preset."""

    max_tokens: Annotated[int, Ge(1), Doc("length of the canvas, in tokens")] = 128
    block_length: Annotated[
        int, Ge(1), Doc("positions open at a time, left to right; the canvas or more decodes it in one block")
    ] = 32
    cache: Annotated[str, Doc("which keys and values are kept between forwards")] = "none"
    window: Annotated[str, Doc("which positions are open: blocks of one length, or what a window rule finds")] = "fixed"
    steps: Annotated[
        Annotated[int, Gt(0)] | None,
        Doc("forwards over the whole canvas, split over the blocks by length"),
    ] = None
    temperature: Annotated[float, Ge(0), Doc("0 takes the likeliest token; above, tokens are drawn")] = 0.0
    confidence: Annotated[
        Literal["float32", "float64", "model"],
        Doc("precision of the softmax that confidences come from; published codes differ, some take the logits' own"),
    ] = "float32"
    seed: Annotated[int, Ge(0), Le(2**63 - 1), Doc("start of the random numbers")] = 0
    stop: Annotated[Literal["first", "none"], Doc("end a row at its first stop token, or write the whole canvas")] = (
        "first"
    )
    suppress_stop: Annotated[
        Literal["off", "logits", "confidence"],
        Doc("LLaDA's settings: never propose end-of-text, or give stop tokens no confidence"),
    ] = "off"
    wrap: Annotated[tuple[str, ...], Doc("techniques that go around the strategy, the innermost first")] = ()
    cfg_scale: Annotated[float, Ge(0), Doc("strength of classifier-free guidance; 0 is off")] = 0.0

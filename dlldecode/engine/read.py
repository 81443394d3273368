"""What the logits of the open windows say, before any strategy judges it: everything that needs the vocabulary."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..core.shapes import Ids, Logits, Score
from ..core.step import Extra
from ..models.kernels import scoring
from .board import Board, Session
from .recipe import Recipe
from .sample import (
    TOKEN_STREAM,
    Chances,
    Proposal,
    chances_of,
    entropy,
    in_precision,
    margin,
    propose,
    two_best,
    uniform,
)


class Reading(NamedTuple):
    """The sampler's token at every position with its probability, that of what stands there, and what was asked for.

    `soft` is the mean of all embeddings under the position's probabilities, where smoothing asks for it.
    """

    token: Ids
    confidence: Score
    written: Score
    extra: Extra
    soft: Float[Tensor, "B W D"] | None = None


def read(board: Board, logits: Logits, session: Session) -> Reading:
    """Read the logits of the open windows, `[B, W, V]` and behind them, where there are any, their shadows'."""
    index = board.window.places(session.width, session.canvas)
    current = board.canvas.gather(1, index)
    logits, doubt = logits[:, : session.width], logits[:, session.width :]
    reading = of_window(board, logits, current, session)
    if not session.recipe.casts_shadow:
        return reading
    shadow = chances_of(suppress(doubt, session), session.recipe.settings.confidence).of(current)
    return reading._replace(extra=reading.extra._replace(shadow=shadow))


def of_window(board: Board, logits: Logits, current: Ids, session: Session) -> Reading:
    """What the window's own columns say."""
    recipe, needs = session.recipe, session.recipe.needs
    own = suppress(logits, session)
    raw = tempered(own, recipe)
    logits = recipe.strategy.adjust(raw, board.state)
    settings = recipe.settings
    is_plain = settings.temperature == 0 and settings.suppress_stop != "confidence" and settings.confidence == "float32"
    if is_plain and scoring.fits(logits):
        found = in_one_pass(logits, current, session.mask_id, needs)
    else:
        found = in_parts(board, logits, current, session)
    if "raw" in needs:
        found = found._replace(extra=found.extra._replace(raw=raw))
    if "margin" in needs and recipe.adjusts:
        found = found._replace(extra=found.extra._replace(margin=margin(own, session.mask_id)))
    return found


def in_parts(board: Board, logits: Logits, current: Ids, session: Session) -> Reading:
    """What logits say, one question after the other."""
    settings, needs = session.recipe.settings, session.recipe.needs
    chances = chances_of(logits, settings.confidence)
    noise = token_noise(board, logits, session)
    proposal = proposed(chances, noise, session)
    confidence = proposal.confidence
    if settings.suppress_stop == "confidence":
        confidence = without_stops(logits, proposal.token, session)
    extra = Extra(
        logits=logits if "logits" in needs else None,
        margin=margin(logits, session.mask_id) if "margin" in needs else None,
        entropy=entropy(logits, settings.confidence) if "entropy" in needs else None,
        peak=peak(chances, proposal, noise is None, session.mask_id) if "peak" in needs else None,
        runner_up=runner_up(chances, session.mask_id) if "runner_up" in needs else None,
    )
    return Reading(proposal.token, confidence, chances.of(current), extra)


def in_one_pass(logits: Logits, current: Ids, mask_id: int, needs: frozenset[str]) -> Reading:
    """The same by a kernel that goes over the logits once."""
    found = scoring.score(logits, current, mask_id)
    extra = Extra(
        logits=logits if "logits" in needs else None,
        margin=found.margin if "margin" in needs else None,
        entropy=found.entropy if "entropy" in needs else None,
        peak=found.chance if "peak" in needs else None,
        runner_up=found.chance * torch.exp(-found.margin) if "runner_up" in needs else None,
    )
    return Reading(found.token, found.chance, found.written, extra)


def proposed(chances: Chances, noise: torch.Tensor | None, session: Session) -> Proposal:
    """The sampler's tokens; the likeliest by tempered logits is read off the probabilities, which rounding may tie."""
    recipe, logits = session.recipe, chances.logits
    if not recipe.strategy.is_tempered:
        return propose(logits, session.mask_id, noise, recipe.settings.temperature, chances)
    if noise is None and chances.table is not None:
        logits = chances.table
    return propose(logits, session.mask_id, noise, 1.0, chances)


def peak(chances: Chances, proposal: Proposal, is_greedy: bool, mask_id: int) -> Score:
    """The highest probability of any token but the mask."""
    best = proposal if is_greedy else propose(chances.logits, mask_id, None, 0.0, chances)
    return best.confidence


def runner_up(chances: Chances, mask_id: int) -> Score:
    """The second highest probability of any token but the mask."""
    return chances.of(two_best(chances.logits, mask_id).indices[..., 1])


def tempered(logits: Logits, recipe: Recipe) -> Logits:
    """For a strategy that wants them so, the logits in the precision of confidences, divided by the temperature."""
    if not recipe.strategy.is_tempered:
        return logits
    logits, temperature = in_precision(logits, recipe.settings.confidence), recipe.settings.temperature
    return logits / temperature if temperature > 0 else logits


def suppress(logits: Logits, session: Session) -> Logits:
    """LLaDA's `logits_eos_inf`: end-of-text can neither be proposed nor take probability."""
    if session.recipe.settings.suppress_stop != "logits":
        return logits
    banned = torch.arange(logits.shape[2], device=logits.device) == session.end_of_text
    return logits.masked_fill(banned, float("-inf"))


def without_stops(logits: Logits, token: torch.Tensor, session: Session) -> torch.Tensor:
    """LLaDA's `confidence_eos_eot_inf`: stop tokens get no probability, and the others share theirs.

    LLaDA's code does so at temperature 0 alone; above it only the turn's end, not end-of-text, loses its probability.
    """
    banned = torch.isin(torch.arange(logits.shape[2], device=logits.device), session.stop_ids)
    if session.recipe.settings.temperature > 0:
        banned = banned & (torch.arange(logits.shape[2], device=logits.device) != session.end_of_text)
    return chances_of(logits.masked_fill(banned, float("-inf")), session.recipe.settings.confidence).of(token)


def token_noise(board: Board, logits: Logits, session: Session) -> torch.Tensor | None:
    """Uniform numbers for every position and token, or None at temperature 0."""
    if session.recipe.settings.temperature == 0:
        return None
    vocabulary = torch.arange(logits.shape[2], device=logits.device)
    place = board.step[:, None] * session.canvas + board.window.places(session.width, session.canvas)
    counter = (place[:, :, None] * logits.shape[2] + vocabulary) * 4 + TOKEN_STREAM
    return uniform(session.keys, counter)

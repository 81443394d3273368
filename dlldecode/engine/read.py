"""What the logits of the open windows say, before any strategy judges it: everything that needs the vocabulary."""

from __future__ import annotations

from typing import NamedTuple

import torch

from ..core.shapes import Ids, Logits, Score
from ..core.step import Extra
from ..models.kernels import scoring
from .board import Board, Session
from .sample import TOKEN_STREAM, Proposal, entropy, log_partition, margin, probability, propose, uniform


class Reading(NamedTuple):
    """The sampler's token at every position with its probability, that of what stands there, and what was asked for."""

    token: Ids
    confidence: Score
    written: Score
    extra: Extra


def read(board: Board, logits: Logits, session: Session) -> Reading:
    """Read the logits of the open windows, `[B, W, V]` and behind them, where there are any, their shadows'."""
    index = board.window.places(session.width, session.canvas)
    current = board.canvas.gather(1, index)
    logits, doubt = logits[:, : session.width], logits[:, session.width :]
    reading = of_window(board, logits, current, session)
    if not session.recipe.casts_shadow:
        return reading
    shadow = probability(suppress(doubt, session), current)
    return reading._replace(extra=reading.extra._replace(shadow=shadow))


def of_window(board: Board, logits: Logits, current: Ids, session: Session) -> Reading:
    """What the window's own columns say."""
    raw = suppress(logits, session)
    logits = session.recipe.strategy.adjust(raw, board.state)
    settings, needs = session.recipe.settings, session.recipe.strategy.needs
    is_greedy = settings.temperature == 0 and settings.suppress_stop != "confidence"
    if is_greedy and scoring.fits(logits):
        found = in_one_pass(logits, current, session.mask_id, needs)
        return found._replace(extra=found.extra._replace(raw=raw)) if "raw" in needs else found
    whole = log_partition(logits)
    noise = token_noise(board, logits, session)
    proposal = propose(logits, session.mask_id, noise, settings.temperature, whole)
    confidence = proposal.confidence
    if settings.suppress_stop == "confidence":
        confidence = without_stops(logits, proposal.token, session)
    extra = Extra(
        logits=logits if "logits" in needs else None,
        margin=margin(logits, session.mask_id) if "margin" in needs else None,
        entropy=entropy(logits) if "entropy" in needs else None,
        peak=peak(logits, proposal, noise is None, whole, session) if "peak" in needs else None,
        raw=raw if "raw" in needs else None,
    )
    return Reading(proposal.token, confidence, probability(logits, current, whole), extra)


def in_one_pass(logits: Logits, current: Ids, mask_id: int, needs: frozenset[str]) -> Reading:
    """The same by a kernel that goes over the logits once."""
    found = scoring.score(logits, current, mask_id)
    extra = Extra(
        logits=logits if "logits" in needs else None,
        margin=found.margin if "margin" in needs else None,
        entropy=found.entropy if "entropy" in needs else None,
        peak=found.chance if "peak" in needs else None,
    )
    return Reading(found.token, found.chance, found.written, extra)


def peak(logits: Logits, proposal: Proposal, is_greedy: bool, whole: Score, session: Session) -> Score:
    """The highest probability of any token but the mask."""
    best = proposal if is_greedy else propose(logits, session.mask_id, None, 0.0, whole)
    return best.confidence


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
    return probability(logits.masked_fill(banned, float("-inf")), token)


def token_noise(board: Board, logits: Logits, session: Session) -> torch.Tensor | None:
    """Uniform numbers for every position and token, or None at temperature 0."""
    if session.recipe.settings.temperature == 0:
        return None
    vocabulary = torch.arange(logits.shape[2], device=logits.device)
    place = board.step[:, None] * session.canvas + board.window.places(session.width, session.canvas)
    counter = (place[:, :, None] * logits.shape[2] + vocabulary) * 4 + TOKEN_STREAM
    return uniform(session.keys, counter)

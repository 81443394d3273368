"""What no strategy can break: only legal writes, progress in every step, and a bound on taking back."""

from __future__ import annotations

from typing import NamedTuple

import torch

from ..core.select import NEVER, best, top
from ..core.shapes import Count
from ..core.step import Decision, Kind, StepView


class Ledger(NamedTuple):
    """Per row, since its window opened: commits minus revocations, and the last steps that wrote nothing."""

    balance: Count
    idle: Count


def guard(decision: Decision, view: StepView, ledger: Ledger, max_idle: int) -> tuple[Decision, Ledger]:
    """The decision made legal, and the ledger after it.

    Only masked positions are written and only written ones taken back. A row that has written nothing for more than
    `max_idle` steps writes its best-scored position. Commits minus revocations stay at least the number of steps:
    beyond that, the least doubted (best-scored) revocations are dropped. A rewrite in place counts on both sides.
    Only a row that has written something may stay in its window.
    """
    score = torch.where(torch.isnan(decision.score), NEVER, decision.score)
    revoke = decision.revoke & view.valid & ~view.masked
    commit = decision.commit & (view.masked | revoke)
    fresh = (commit & view.masked).any(dim=1)
    stuck = ~fresh & (ledger.idle >= max_idle)
    forced = best(score, view.masked) & stuck.unsqueeze(1)
    commit = commit | forced
    gained = ledger.balance + (commit & view.masked).sum(dim=1)
    remask = revoke & ~commit
    spare = (gained - (view.block_step + 1)).clamp(min=0)
    kept = top(-score, remask, spare)
    revoke = (revoke & commit) | kept
    kind = torch.where(forced, int(Kind.FORCED), decision.notes.kind)
    balance = gained - kept.sum(dim=1)
    idle = torch.where((commit & view.masked).any(dim=1), 0, ledger.idle + 1)
    tokens = torch.where(forced, view.proposal, decision.tokens)
    notes = decision.notes._replace(kind=kind)
    stay = None if decision.stay is None else decision.stay & fresh
    return Decision(commit, revoke, tokens, score, notes, stay), Ledger(balance, idle)

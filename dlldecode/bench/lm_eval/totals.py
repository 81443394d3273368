"""What a run took: the figures that lm-eval's own tables lack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ...batch import Result


@dataclass(frozen=True)
class Totals:
    """Sums over requests; `seconds` are those of decoding, `preparing` those of them that went into compiling."""

    requests: int = 0
    failed: int = 0
    canvas: int = 0
    effective: int = 0
    forwards: int = 0
    seconds: float = 0.0
    preparing: float = 0.0

    @classmethod
    def of(cls, found: Sequence[Result], seconds: float) -> Totals:
        """The sums of results that were decoded together in so many seconds."""
        return cls(
            requests=len(found),
            failed=sum(result.error is not None for result in found),
            canvas=sum(len(result.token_ids) for result in found),
            effective=sum(result.effective for result in found),
            forwards=sum(result.forwards for result in found),
            seconds=seconds,
            preparing=max((result.preparing for result in found), default=0.0),
        )

    def __add__(self, other: Totals) -> Totals:
        theirs = asdict(other)
        return Totals(**{name: value + theirs[name] for name, value in asdict(self).items()})

    @property
    def tpf(self) -> float | None:
        """Effective tokens per forward."""
        return self.effective / self.forwards if self.forwards else None

    @property
    def tps(self) -> float | None:
        """Effective tokens per second of decoding, without compiling."""
        return self.effective / (self.seconds - self.preparing) if self.seconds > self.preparing else None

    def line(self) -> str:
        """Requests, tokens, forwards and speed in one line."""
        requests = "1 request" if self.requests == 1 else f"{self.requests} requests"
        return ", ".join(
            [
                requests + (f" ({self.failed} without an answer)" if self.failed else ""),
                f"{self.canvas} canvas / {self.effective} effective tokens",
                f"{self.forwards} forwards",
                f"TPF {self.tpf:.2f}" if self.tpf is not None else "TPF unknown",
                f"TPS {self.tps:.1f}" if self.tps is not None else "TPS unknown",
                f"{self.seconds:.2f} s",
            ]
        )

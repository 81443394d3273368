"""Train the bundled model from scratch within a time budget.

`python -m dlldecode.tiny.train --out DIR --seconds 1200`, or under `torchrun --nproc-per-node 2 -m`.
`--stop-after` ends one command early with a checkpoint, and `--resume DIR` goes on from there.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dlldecode.models import families as model_families
from dlldecode.models.trunk import Trunk
from dlldecode.tiny import checkpoint, loss, tokenizer, world
from dlldecode.tiny.batches import SHARES, Batch, Batches, loader
from dlldecode.tiny.families import available

WARM_UP_STEPS = 200
AGREE_EVERY = 10  # steps between looks at the clock, which all processes must share
LOG_SECONDS, SAVE_SECONDS = 10.0, 150.0


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--out", type=Path, required=True, help="folder for the model, the checkpoint and log.jsonl")
    add("--seconds", type=float, default=1200.0, help="length of the whole schedule")
    add("--stop-after", type=float, default=math.inf, help="seconds after which this command saves and ends")
    add("--max-steps", type=int, default=sys.maxsize, help="steps after which this command saves and ends")
    add("--resume", type=Path, help="folder with a checkpoint")
    add("--start-from", type=Path, help="folder of a model whose weights a fresh schedule begins with")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=("cuda", "cpu"))
    add("--batch", type=int, default=512, help="sequences a step and process")
    add("--rate", type=float, default=1.2e-3, help="peak learning rate")
    add("--block-share", type=float, default=0.0, help="share of sequences masked as decoding in blocks meets them")
    add("--ema", type=float, default=0.0, help="decay of the averaged weights that are exported; 0 is off")
    add("--shares", type=json.loads, default=SHARES, help="JSON object: sampling weight of every family")
    add("--workers", type=int, help="data processes for each training process")
    add("--seed", type=int, default=0)
    add("--no-compile", dest="compile", action="store_false")
    for name, size in {"layers": 8, "width": 384, "heads": 6, "mlp-width": 1024}.items():
        add(f"--{name}", type=int, default=size)
    return parser.parse_args(arguments)


def initialise(trunk: Trunk) -> None:
    """Draw small normal weights; what is added to the residual stream starts smaller in deeper models."""
    for name, parameter in trunk.named_parameters():
        if parameter.ndim == 2:
            adds = name.endswith(("attention.output.weight", "mlp.down.weight"))
            nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * trunk.spec.layers) if adds else 0.02)


def optimiser(trunk: Trunk, rate: float) -> torch.optim.AdamW:
    """AdamW; only matrices decay."""
    matrices = [parameter for parameter in trunk.parameters() if parameter.ndim >= 2]
    others = [parameter for parameter in trunk.parameters() if parameter.ndim < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), fused=matrices[0].is_cuda)


def learning_rate(peak: float, step: int, progress: float) -> float:
    """Rise linearly over the first steps, then fall as a cosine of the time spent, to zero."""
    return peak * min(1.0, (step + 1) / WARM_UP_STEPS) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


@dataclass
class Trainer:
    """A training run: everything that changes from step to step."""

    world: world.World
    settings: argparse.Namespace
    trunk: Trunk
    optimiser: torch.optim.AdamW
    generator: torch.Generator
    step: int = 0
    elapsed: float = 0.0
    average: list[Tensor] = field(default_factory=list)

    def loss(self, batch: Batch) -> Tensor:
        """Losses of every row `[B]`."""
        noised = loss.noise(batch, self.trunk.spec.mask_id, self.generator, self.settings.block_share)
        position = torch.arange(noised.tokens.shape[1], device=noised.tokens.device).unsqueeze(0)
        kind = "cuda" if noised.tokens.is_cuda else "cpu"
        with torch.autocast(kind, dtype=torch.bfloat16):
            hidden = self.trunk.normed(self.trunk.hidden(self.trunk.embedding(noised.tokens), position))
            return self.row_losses(hidden, self.head, noised.target, noised.weight)

    def __post_init__(self) -> None:
        """Compile the parts that repeat; one layer's code serves all."""
        assert self.trunk.output is not None, "the bundled model is untied"
        self.head, self.row_losses = self.trunk.output.weight, loss.row_losses
        if self.settings.compile and self.world.device != "cpu":
            torch._dynamo.config.recompile_limit = 64
            for layer in self.trunk.layers:
                layer.compile(dynamic=False)
            self.row_losses = torch.compile(loss.row_losses, dynamic=False)
        if self.settings.ema:
            self.average = [parameter.detach().clone() for parameter in self.trunk.parameters()]

    def update(self, batch: Batch, rate: float) -> Tensor:
        """Take one step and give the rows' losses `[B]`."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        losses = self.loss(batch)
        losses.mean().backward()
        parameters = list(self.trunk.parameters())
        self.world.average(parameter.grad for parameter in parameters if parameter.grad is not None)
        nn.utils.clip_grad_norm_(parameters, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        if self.average:
            # Early on the average must forget faster than its decay says.
            decay = min(self.settings.ema, (self.step + 1) / (self.step + 10))
            torch._foreach_lerp_(self.average, [parameter.detach() for parameter in parameters], 1 - decay)
        self.step += 1
        return losses.detach()

    def state(self) -> dict[str, Any]:
        """Collect what a later command needs to go on."""
        return {
            "trunk": self.trunk.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average,
            "step": self.step,
            "elapsed": self.elapsed,
        }

    def resume(self, folder: Path) -> None:
        """Go on where a checkpoint stopped."""
        state = checkpoint.restore(folder, self.world.device)
        self.trunk.load_state_dict(state["trunk"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.elapsed = state["step"], state["elapsed"]
        if self.settings.ema:
            self.average = state["average"] or self.average

    def weights(self) -> dict[str, Tensor]:
        """The weights to publish: averaged ones if there are."""
        names = [name for name, _ in self.trunk.named_parameters()]
        return dict(zip(names, self.average or self.trunk.parameters(), strict=True))

    def save(self) -> None:
        """Write checkpoint and model."""
        if self.world.is_first:
            checkpoint.save(self.settings.out, self.state())
            checkpoint.export(self.settings.out, self.trunk, self.weights())


class Log:
    """Mean losses by family and speed, a JSON line every few seconds to log.jsonl and stderr."""

    def __init__(self, folder: Path, size: int, device: str) -> None:
        self.file, self.size = folder / "log.jsonl", size
        self.sums = torch.zeros(2, len(available()), device=device)
        self.since, self.steps, self.tokens = time.monotonic(), 0, 0

    def add(self, batch: Batch, losses: Tensor) -> None:
        """Count one step, without waiting for the device."""
        self.sums[0].index_add_(0, batch.family, losses.float())
        self.sums[1].index_add_(0, batch.family, torch.ones_like(losses, dtype=torch.float32))
        self.steps, self.tokens = self.steps + 1, self.tokens + batch.tokens.numel()
        self.rows = len(losses)

    def write(self, step: int, elapsed: float, rate: float) -> None:
        """Write a line and start afresh."""
        now, (total, count) = time.monotonic(), self.sums.tolist()
        seconds = max(now - self.since, 1e-6)
        line = {
            "step": step,
            "seconds": round(elapsed, 1),
            "rate": float(f"{rate:.3g}"),
            "loss": round(sum(total) / max(sum(count), 1), 4),
            "families": {name: round(a / b, 4) for name, a, b in zip(available(), total, count, strict=True) if b},
            "samples_per_second": round(self.steps * self.rows * self.size / seconds) if self.steps else 0,
            "tokens_per_second": round(self.tokens * self.size / seconds),
        }
        text = json.dumps(line)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(text + "\n")
        print(text, file=sys.stderr, flush=True)
        self.sums.zero_()
        self.since, self.steps, self.tokens = now, 0, 0


def build(settings: argparse.Namespace, place: world.World) -> Trainer:
    """Set up the folder, the model and its optimiser, equal in every process."""
    entries = tokenizer.load()
    config = tokenizer.model_config(entries, settings.layers, settings.width, settings.heads, settings.mlp_width)
    if place.is_first:
        tokenizer.write(settings.out, entries, config)
    torch.manual_seed(settings.seed)
    torch.set_float32_matmul_precision("high")
    trunk = Trunk(model_families.describe(config))
    initialise(trunk)
    if settings.start_from:
        checkpoint.read(settings.start_from, trunk)
    trunk.to(place.device)
    generator = torch.Generator(place.device).manual_seed(settings.seed * 1000 + place.rank)
    trainer = Trainer(place, settings, trunk, optimiser(trunk, settings.rate), generator)
    if settings.resume:
        trainer.resume(settings.resume)
        generator.manual_seed(settings.seed * 1000 + place.rank + 7919 * trainer.step)
    return trainer


def batches(settings: argparse.Namespace, place: world.World, first_step: int) -> Any:
    """Fresh batches; a resumed run draws from seeds of its own."""
    spare = max(1, (os.cpu_count() or 1) // place.size - 2)
    workers = spare if settings.workers is None else settings.workers
    seed = f"{settings.seed}/{first_step}/{place.rank}"
    dataset = Batches(tokenizer.WEIGHTS, settings.shares, settings.batch, seed)
    return loader(dataset, workers, pinned=place.device != "cpu")


def run(trainer: Trainer, began: float) -> None:
    """Train until the schedule, the command's time or its steps are used up."""
    settings, place = trainer.settings, trainer.world
    log, first = Log(settings.out, place.size, place.device), trainer.step
    start, before = time.monotonic(), trainer.elapsed
    logged, saved, rate = start, start, 0.0
    for count, batch in enumerate(batches(settings, place, first)):
        if count % AGREE_EVERY == 0 or count == settings.max_steps:
            now = time.monotonic()
            due = [now - logged >= LOG_SECONDS, now - saved >= SAVE_SECONDS]
            trainer.elapsed, used, do_log, do_save = place.agree([before + now - start, now - began, *due])
            if do_log:
                logged = now
                if place.is_first:
                    log.write(trainer.step, trainer.elapsed, rate)
            if do_save:
                saved = now
                trainer.save()
            if trainer.elapsed >= settings.seconds or used >= settings.stop_after or count >= settings.max_steps:
                break
        rate = learning_rate(settings.rate, trainer.step, trainer.elapsed / settings.seconds)
        batch = Batch(*(tensor.to(place.device, non_blocking=True) for tensor in batch))
        log.add(batch, trainer.update(batch, rate))
    if place.is_first:
        log.write(trainer.step, trainer.elapsed, rate)
    trainer.save()


def main(arguments: list[str] | None = None) -> None:
    """Train as the command line says."""
    began = time.monotonic()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    settings = options(arguments)
    place = world.enter(settings.device)
    run(build(settings, place), began)
    world.leave(place)


if __name__ == "__main__":
    main()

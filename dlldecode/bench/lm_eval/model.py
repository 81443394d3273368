"""A masked diffusion model as lm-eval knows models; importing this makes it known by the name `dlldecode`."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import api
from ...batch import Prompt, Result, prepare, run, versions
from ...errors import UsageError
from ...models.tokenizer import CoreTokenizer
from ..items import cut
from . import arguments as words
from .totals import Totals

try:
    from lm_eval.api.model import LM
    from lm_eval.api.registry import register_model
    from lm_eval.utils import simple_parse_args_string
    from tqdm import tqdm
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "lm_eval":
        raise
    raise UsageError("lm-eval is not installed; install it with: pip install 'dlldecode[lm-eval]'") from None

if TYPE_CHECKING:
    from lm_eval.api.instance import Instance

    from ...config.assemble import Resolved
    from ...models.network import Network
    from ...models.toy import Toy

LOG = logging.getLogger(__name__)
HARNESS_DEVICE = "cuda:0"  # what lm-eval's command line says where its user says nothing
PARTING = "\u200b"  # zero width; stands inside a special token's name that a text holds
NO_LIKELIHOOD = (
    "dlldecode gives no log-likelihoods: a masked diffusion model has no cheap exact one; "
    "take tasks that generate (output_type: generate_until)."
)


@register_model("dlldecode")
class DlldecodeLM(LM):  # type: ignore[misc]   # lm-eval carries no types
    """Answers lm-eval's generative tasks with a strategy.

    `pretrained` is a name as for `dlldecode.load`, or a loaded model. Other arguments are settings by plain name
    (`strategy`, `preset`, `max_tokens`, `batch_size`, `device`, ...), by dotted key, or options of the strategy.
    `records` is a file that gets a JSON line for every request, and is emptied first. Raises UsageError for arguments
    that do not fit, before anything is loaded. `totals` adds up over the life of the object.
    """

    def __init__(
        self, pretrained: str | Network | Toy | None = None, *, records: str | None = None, **arguments: Any
    ) -> None:
        super().__init__()
        if isinstance(pretrained, str):
            if "model" in arguments:
                raise UsageError(f"pretrained={pretrained} and model={arguments['model']} both name a model; give one.")
            arguments["model"] = pretrained
        self._asked = words.request(arguments)
        self._resolved = words.resolved(self._asked)
        self._records = Path(os.devnull) if records is None else emptied(Path(records))
        self.model = self._loaded() if pretrained is None or isinstance(pretrained, str) else pretrained
        self._device = self.model.device
        self.totals = Totals()
        self._ran: dict[str, Resolved] = {}

    def _loaded(self) -> Network:
        asked = self._resolved.run
        return api.load(
            asked.model,
            device=asked.device,
            dtype=asked.dtype,
            revision=asked.revision,
            offline=asked.offline,
            weights=asked.load,
        )

    @classmethod
    def create_from_arg_string(cls, arg_string: str, additional_config: dict[str, Any] | None = None) -> DlldecodeLM:
        """A model from `key=value,key=value`, as `--model_args` has it."""
        return cls.create_from_arg_obj(simple_parse_args_string(arg_string), additional_config)

    @classmethod
    def create_from_arg_obj(
        cls, arg_dict: dict[str, Any], additional_config: dict[str, Any] | None = None
    ) -> DlldecodeLM:
        """A model from `--model_args`; lm-eval's own `--batch_size` and `--device` hold where these do not name them.

        lm-eval's default device means `auto` here. `--trust_remote_code` has no effect: no model's own code is run.
        """
        own = {key: value for key, value in (additional_config or {}).items() if key in ("batch_size", "device")}
        if own.get("device") == HARNESS_DEVICE:
            own["device"] = "auto"
        given = {key: value for key, value in arg_dict.items() if key != "trust_remote_code"}
        return cls(**{**own, **given})

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        """The answers in the order of the requests; a request that cannot be answered gets an empty one and a warning.

        Requests of one canvas and temperature are decoded together, each seeded by its task and place there.
        """
        asked = [words.generation(request.args[1]) for request in requests]
        warn_of_unused(asked)
        prompts = [
            Prompt(request.args[0], id=name, raw=True) for request, name in zip(requests, named(requests), strict=True)
        ]
        answers = [""] * len(requests)
        with tqdm(total=len(requests), desc="generate_until", disable=disable_tqdm) as bar:
            for place, result in self._decoded([kind.settings for kind in asked], prompts):
                answers[place] = cut(result.text or "", asked[place].until)
                self.cache_hook.add_partial("generate_until", requests[place].args, answers[place])
                bar.update()
        print(f"dlldecode: {self.totals.line()} ({self._named()})", file=sys.stderr)
        return answers

    def _decoded(self, settings: Sequence[words.Brought], prompts: Sequence[Prompt]) -> Iterator[tuple[int, Result]]:
        """Every prompt's place and result, those of equal settings together; settings are judged before any of it."""
        places: defaultdict[words.Brought, list[int]] = defaultdict(list)
        for place, brought in enumerate(settings):
            places[brought].append(place)
        jobs = [prepare(self.model, words.resolved(self._asked, brought)) for brought in places]
        for job, members in zip(jobs, places.values(), strict=True):
            began, results = time.perf_counter(), []
            for place, result in zip(
                members, run(job, [prompts[place] for place in members], in_batch=True), strict=True
            ):
                assert isinstance(result, Result)
                self._note(result)
                results.append(result)
                yield place, result
            self.totals += Totals.of(results, time.perf_counter() - began)
            self._ran[job.resolved.preset_hash] = job.resolved

    def _note(self, result: Result) -> None:
        """Write a result down, and warn of one without a text."""
        with self._records.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result.record()) + "\n")
        if result.error is not None:
            LOG.warning("%s gets an empty answer: %s", result.id, result.error)

    def _named(self) -> str:
        found = self._resolved
        return f"{self.model.name}; preset {found.preset}, strategy {found.strategy}, seed {found.settings.seed}"

    def loglikelihood(self, requests: list[Instance], disable_tqdm: bool = False) -> list[tuple[float, bool]]:
        """Not offered: raises UsageError."""
        raise UsageError(NO_LIKELIHOOD)

    def loglikelihood_rolling(self, requests: list[Instance], disable_tqdm: bool = False) -> list[float]:
        """Not offered: raises UsageError."""
        raise UsageError(NO_LIKELIHOOD)

    def apply_chat_template(self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
        """Messages as the model's template writes them, up to where the answer begins.

        Without `add_generation_prompt` the last message is the answer's beginning. Names of special tokens in messages
        are parted, so that what `generate_until` recognises is the template's alone. Raises UsageError without one.
        """
        tokenizer = self.model.tokenizer
        if not isinstance(tokenizer, CoreTokenizer) or tokenizer.render is None:
            raise UsageError(f"{self.model.name} has no chat template; leave --apply_chat_template out.")
        said = [{**message, "content": tokenizer.shield(message["content"], PARTING)} for message in chat_history]
        begun = "" if add_generation_prompt else said.pop()["content"]
        return tokenizer.render(said) + begun

    def chat_template(self, chat_template: bool | str = False) -> str:
        """What the template makes of a question named `{question}`, for lm-eval's own files.

        Raises UsageError for a template by name: a model's default one is taken.
        """
        if isinstance(chat_template, str):
            raise UsageError(f"--apply_chat_template {chat_template}: templates have no names here; leave it away.")
        return self.apply_chat_template([{"role": "user", "content": "{question}"}]) if chat_template else ""

    @property
    def tokenizer_name(self) -> str:
        """What tells prompts of this model from others in lm-eval's cache of requests."""
        return self.model.name.replace("/", "__")

    def get_model_info(self) -> Mapping[str, Any]:
        """What lm-eval writes beside the scores: the model, every setting that was decoded with, and the totals."""
        model, found, totals = self.model, self._resolved, self.totals
        about = {
            "model": model.name,
            "revision": model.revision,
            "weights": model.weights,
            "dtype": model.dtype,
            "device": model.device,
            "preset": found.preset,
            "strategy": found.strategy,
            "strategy_options": found.options,
            "decode": [{**asdict(ran.settings), "preset_hash": digest} for digest, ran in self._ran.items()],
            "cache_options": found.cache_options,
            "window_options": found.window_options,
            "wrap_options": found.wrap_options,
            "batch_size": found.run.batch_size,
            "versions": versions(),
        }
        return {"dlldecode": {**about, "totals": {**asdict(totals), "tpf": totals.tpf, "tps": totals.tps}}}


def emptied(path: Path) -> Path:
    """A file with nothing in it. Raises UsageError where it cannot be written."""
    try:
        path.write_text("")
    except OSError as error:
        raise UsageError(f"records={path} cannot be written: {error.strerror or error}.") from None
    return path


def named(requests: Sequence[Instance]) -> list[str]:
    """`TASK/PLACE` for every request, as items of bench are named; repeats of one are numbered."""
    seen: Counter[str] = Counter()
    found = []
    for request in requests:
        name = f"{request.task_name}/{request.doc_id}"
        found.append(f"{name}/{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return found


def warn_of_unused(asked: Sequence[words.Generation]) -> None:
    """Say once which of the tasks' wishes are not granted."""
    unused = sorted({key for kind in asked for key in kind.unused})
    if unused:
        LOG.warning("generation_kwargs %s have no effect with dlldecode", ", ".join(unused))

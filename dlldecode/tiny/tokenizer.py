"""Byte-level BPE with single digits, trained on generator text and written as Hugging Face files.

Run `python -m dlldecode.tiny.tokenizer [--out DIR] [--entries N]`; the result depends on nothing but the generators.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from dlldecode.tiny.data import training
from dlldecode.tiny.families import available
from dlldecode.tiny.problem import Problem

WEIGHTS = Path(__file__).parent / "weights"
START, END, MASK = "<|startoftext|>", "<|endoftext|>", "<|mdm_mask|>"
HEADER, HEADER_END, TURN_END = "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"
SPECIAL = (START, END, MASK, HEADER, HEADER_END, TURN_END)
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
    " + message['content'] | trim + '<|eot_id|>' }}{% endfor %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}"
)
# A system turn and other roles are rare, but must not fall into single bytes.
EXTRA_TEXT = ("user\n\n", "assistant\n\n", "system\n\nYou are a helpful assistant.") * 50


def text(per_family: int) -> Iterator[str]:
    """Yield the text to train on."""
    yield from EXTRA_TEXT
    for family in available():
        for problem in islice(training(family, "tokenizer"), per_family):
            yield problem.prompt
            yield problem.answer


def train(entries: int, per_family: int = 4_000) -> Tokenizer:
    """Train the tokenizer; `entries` counts the special tokens, too."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=entries,
        show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL],
    )
    tokenizer.train_from_iterator(text(per_family), trainer)
    return tokenizer


def chat_text(prompt: str) -> str:
    """Render one user turn as the chat template does."""
    return f"{START}{HEADER}user{HEADER_END}\n\n{prompt.strip()}{TURN_END}{HEADER}assistant{HEADER_END}\n\n"


def encode(tokenizer: Tokenizer, problem: Problem) -> tuple[list[int], list[int]]:
    """Turn a problem into the ids of its prompt and of its answer with the turn's end."""
    prompt = tokenizer.encode(chat_text(problem.prompt), add_special_tokens=False).ids
    answer = tokenizer.encode(problem.answer + TURN_END, add_special_tokens=False).ids
    return prompt, answer


def load(folder: Path = WEIGHTS) -> Tokenizer:
    """Read the tokenizer of a model folder."""
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def identity(tokenizer: Tokenizer, name: str) -> int:
    """The id of a special token."""
    found = tokenizer.token_to_id(name)
    assert found is not None, name
    return int(found)


def model_config(
    tokenizer: Tokenizer, layers: int = 8, width: int = 384, heads: int = 6, mlp_width: int = 1024
) -> dict[str, Any]:
    """Describe the model in LLaDA's own keys."""
    entries = tokenizer.get_vocab_size()
    return {
        "architectures": ["LLaDAModelLM"],
        "model_type": "llada",
        "activation_type": "silu",
        "alibi": False,
        "attention_dropout": 0.0,
        "attention_layer_norm": False,
        "attention_layer_norm_with_affine": True,
        "bias_for_layer_norm": False,
        "block_group_size": 1,
        "block_type": "llama",
        "d_model": width,
        "embedding_dropout": 0.0,
        "embedding_size": entries,
        "eos_token_id": identity(tokenizer, END),
        "flash_attention": False,
        "include_bias": False,
        "include_qkv_bias": False,
        "init_std": 0.02,
        "input_emb_norm": False,
        "layer_norm_type": "rms",
        "layer_norm_with_affine": True,
        "mask_token_id": identity(tokenizer, MASK),
        "max_sequence_length": 512,
        "mlp_hidden_size": mlp_width,
        "mlp_ratio": 4,
        "multi_query_attention": None,
        "n_heads": heads,
        "n_kv_heads": heads,
        "n_layers": layers,
        "pad_token_id": identity(tokenizer, END),
        "residual_dropout": 0.0,
        "rms_norm_eps": 1e-5,
        "rope": True,
        "rope_full_precision": True,
        "rope_theta": 10000.0,
        "scale_logits": False,
        "torch_dtype": "bfloat16",
        "use_cache": False,
        "vocab_size": entries,
        "weight_tying": False,
    }


def write(folder: Path, tokenizer: Tokenizer, config: dict[str, Any]) -> None:
    """Write every file of a model folder but the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {"bos_token": START, "eos_token": END, "pad_token": END, "mask_token": MASK}
    files = {
        "tokenizer_config.json": {
            **special,
            "tokenizer_class": "PreTrainedTokenizerFast",
            "add_bos_token": False,
            "add_eos_token": False,
            "clean_up_tokenization_spaces": False,
            "model_max_length": config["max_sequence_length"],
            "chat_template": CHAT_TEMPLATE,
        },
        "special_tokens_map.json": special,
        "config.json": config,
        "generation_config.json": {key: config[key] for key in ("eos_token_id", "pad_token_id")},
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--entries", type=int, default=3840)
    arguments = parser.parse_args()
    tokenizer = train(arguments.entries)
    write(arguments.out, tokenizer, model_config(tokenizer))
    print(f"{tokenizer.get_vocab_size()} entries in {arguments.out}")


if __name__ == "__main__":
    main()

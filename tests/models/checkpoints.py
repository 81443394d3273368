"""Tiny random checkpoints in the published layouts, small tokenizer files included."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from dlldecode.models.families import describe, family_of
from dlldecode.models.naming import parts
from dlldecode.models.spec import ModelSpec
from dlldecode.models.trunk import Trunk

LLADA_SPECIALS = (
    "<|startoftext|>",
    "<|endoftext|>",
    "<|mdm_mask|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
)
DREAM_SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|beginoftext|>", "<|mask|>")
LLADA_TEMPLATE = (
    "{% set loop_messages = messages %}{% for message in loop_messages %}"
    "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
    "+ message['content'] | trim + '<|eot_id|>' %}"
    "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}"
)
DREAM_TEMPLATE = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}"
)
TEXT = "the three little words that there are in the text, 1 2 3, and the other three thin things there"


def write_llada(folder: Path, shards: int = 1, template: bool = True, **changes: object) -> Path:
    """A LLaDA folder; `changes` overwrite keys of its config.json."""
    specials = write_core_tokenizer(folder, LLADA_SPECIALS)
    size = len(json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"])
    config = {
        "activation_type": "silu",
        "alibi": False,
        "architectures": ["LLaDAModelLM"],
        "attention_layer_norm": False,
        "bias_for_layer_norm": False,
        "block_group_size": 1,
        "block_type": "llama",
        "d_model": 64,
        "embedding_size": size + 10,
        "eos_token_id": specials["<|endoftext|>"],
        "flash_attention": False,
        "include_bias": False,
        "include_qkv_bias": False,
        "input_emb_norm": False,
        "layer_norm_type": "rms",
        "layer_norm_with_affine": True,
        "mask_token_id": specials["<|mdm_mask|>"],
        "max_sequence_length": 128,
        "mlp_hidden_size": 96,
        "mlp_ratio": 4,
        "model_type": "llada",
        "multi_query_attention": None,
        "n_heads": 4,
        "n_kv_heads": 4,
        "n_layers": 3,
        "pad_token_id": specials["<|endoftext|>"],
        "rms_norm_eps": 1e-5,
        "rope": True,
        "rope_full_precision": True,
        "rope_theta": 500000.0,
        "scale_logits": False,
        "vocab_size": size + 10,
        "weight_tying": False,
        **changes,
    }
    named = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False, **named}
    write_json(folder / "tokenizer_config.json", settings | ({"chat_template": LLADA_TEMPLATE} if template else {}))
    return write_weights(folder, config, shards)


def write_dream(folder: Path, shards: int = 1, **changes: object) -> Path:
    """A Dream folder; its tokenizer is a vocabulary and merges, with a class that only remote code could load."""
    specials = write_qwen_tokenizer(folder)
    config = {
        "architectures": ["DreamModel"],
        "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"},
        "bos_token_id": specials["<|endoftext|>"],
        "eos_token_id": specials["<|endoftext|>"],
        "hidden_act": "silu",
        "hidden_size": 64,
        "intermediate_size": 96,
        "mask_token_id": specials["<|mask|>"],
        "max_position_embeddings": 128,
        "model_type": "Dream",
        "num_attention_heads": 4,
        "num_hidden_layers": 3,
        "num_key_value_heads": 2,
        "pad_token_id": specials["<|endoftext|>"],
        "rms_norm_eps": 1e-6,
        "rope_scaling": None,
        "rope_theta": 1000000.0,
        "sliding_window": None,
        "tie_word_embeddings": False,
        "use_mrope": False,
        "use_sliding_window": False,
        "vocab_size": max(specials.values()) + 11,
        **changes,
    }
    return write_weights(folder, config, shards)


def write_weights(folder: Path, config: dict[str, object], shards: int) -> Path:
    """config.json and random weights, cut into `shards` files with an index when there are several."""
    write_json(folder / "config.json", config)
    tensors = random_tensors(config)
    if shards == 1:
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        return folder
    parts: list[dict[str, torch.Tensor]] = [{} for _ in range(shards)]
    for name, tensor in sorted(tensors.items(), key=lambda item: -item[1].numel()):
        min(parts, key=lambda part: sum(kept.numel() for kept in part.values()))[name] = tensor
    placed = {}
    for at, part in enumerate(parts, 1):
        file = f"model-{at:05}-of-{shards:05}.safetensors"
        save_file(part, folder / file, metadata={"format": "pt"})
        placed |= dict.fromkeys(part, file)
    write_json(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": placed})
    return folder


def random_tensors(config: dict[str, object]) -> dict[str, torch.Tensor]:
    """Random weights under their published names, norms near one, biases not zero."""
    spec: ModelSpec = describe(config)
    names = family_of(config).tensor_names(spec)
    torch.manual_seed(7)
    found = {}
    for name, parameter in parts(spec, Trunk(spec).named_parameters()).items():
        spread = torch.randn(parameter.shape) * (0.2 if "norm" in name or "bias" in name else 0.08)
        found[names[name]] = spread + 1 if "norm" in name else spread
    return found


def write_core_tokenizer(folder: Path, specials: tuple[str, ...]) -> dict[str, int]:
    """A byte-level BPE as tokenizer.json; ids of the special tokens."""
    folder.mkdir(parents=True, exist_ok=True)
    core = trained()
    core.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in specials])
    core.save(str(folder / "tokenizer.json"))
    return {name: core.token_to_id(name) for name in specials}


def write_qwen_tokenizer(folder: Path) -> dict[str, int]:
    """The same BPE as vocab.json and merges.txt, the special tokens in tokenizer_config.json, the class remote."""
    folder.mkdir(parents=True, exist_ok=True)
    core = trained()
    core.model.save(str(folder))
    first = core.get_vocab_size()
    ids = {name: first + at for at, name in enumerate(DREAM_SPECIALS)}
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    settings = {
        "added_tokens_decoder": {str(token): {"content": name, **flags} for name, token in ids.items()},
        "additional_special_tokens": ["<|im_start|>", "<|im_end|>", "<|beginoftext|>", "<|mask|>"],
        "auto_map": {"AutoTokenizer": ["evil.DreamTokenizer", None]},
        "bos_token": "<|beginoftext|>",
        "chat_template": DREAM_TEMPLATE,
        "eos_token": "<|endoftext|>",
        "mask_token": "<|mask|>",
        "model_max_length": 131072,
        "pad_token": "<|endoftext|>",
        "tokenizer_class": "DreamTokenizer",
        "unk_token": None,
    }
    write_json(folder / "tokenizer_config.json", settings)
    write_json(folder / "added_tokens.json", ids)
    write_json(folder / "special_tokens_map.json", {"eos_token": "<|endoftext|>", "mask_token": "<|mask|>"})
    return ids


def trained() -> Tokenizer:
    """A byte-level BPE of 300 entries."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False)
    core.train_from_iterator([TEXT] * 4, trainer)
    return core


def write_json(path: Path, value: object) -> None:
    """Write a JSON file."""
    path.write_text(json.dumps(value, indent=1))

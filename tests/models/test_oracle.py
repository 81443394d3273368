"""The same tensors, renamed into transformers' Llama and Qwen2 without the causal mask, give the same logits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from dlldecode.models.adapter import Query
from dlldecode.models.load import load
from dlldecode.models.network import Network

from .checkpoints import write_dream, write_llada

LLADA_TO_LLAMA = {
    "attn_norm": "input_layernorm",
    "q_proj": "self_attn.q_proj",
    "k_proj": "self_attn.k_proj",
    "v_proj": "self_attn.v_proj",
    "attn_out": "self_attn.o_proj",
    "ff_norm": "post_attention_layernorm",
    "ff_proj": "mlp.gate_proj",
    "up_proj": "mlp.up_proj",
    "ff_out": "mlp.down_proj",
}
CASES = {
    "llada": (write_llada, {}),
    "llada-grouped": (write_llada, {"n_kv_heads": 2}),
    "llada-no-kv-heads": (write_llada, {"n_kv_heads": None}),
    "llada-tied": (write_llada, {"weight_tying": True}),
    "dream": (write_dream, {}),
    "dream-tied": (write_dream, {"tie_word_embeddings": True}),
}


def renamed(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """LLaDA's published names in Llama's words; Dream already uses Qwen2's."""
    found = {}
    for name, tensor in tensors.items():
        name = name.replace("model.transformer.wte.", "model.embed_tokens.")
        name = name.replace("model.transformer.ln_f.", "model.norm.").replace("model.transformer.ff_out.", "lm_head.")
        if name.startswith("model.transformer.blocks."):
            _, _, _, layer, part, kind = name.split(".")
            name = f"model.layers.{layer}.{LLADA_TO_LLAMA[part]}.{kind}"
        found[name] = tensor
    return found


def reference(folder: Path, model: Network, dtype: torch.dtype) -> torch.nn.Module:
    """transformers' model with the folder's tensors, attention both ways."""
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

    spec = model.spec
    kind, config_kind = (LlamaForCausalLM, LlamaConfig) if spec.family == "llada" else (Qwen2ForCausalLM, Qwen2Config)
    config = config_kind(
        vocab_size=spec.vocab_size,
        hidden_size=spec.width,
        intermediate_size=spec.mlp_width,
        num_hidden_layers=spec.layers,
        num_attention_heads=spec.heads,
        num_key_value_heads=spec.kv_heads,
        max_position_embeddings=spec.max_length,
        rms_norm_eps=spec.norm_eps,
        tie_word_embeddings=spec.tied,
        attn_implementation="sdpa",
        # transformers 5 reads rope_parameters, 4 reads rope_theta.
        rope_parameters={"rope_type": "default", "rope_theta": spec.rotary_base},
        rope_theta=spec.rotary_base,
        is_causal=False,
    )
    theirs = kind(config).eval()
    frequency = theirs.model.rotary_emb.inv_freq.clone()
    assert float(frequency[1]) == pytest.approx(spec.rotary_base ** (-2 / spec.head_size))
    tensors = renamed(load_file(folder / "model.safetensors"))
    if spec.tied:
        tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"]
    theirs.load_state_dict(tensors, strict=True)
    theirs.to(dtype)
    theirs.model.rotary_emb.inv_freq = frequency  # stays float32, as from_pretrained leaves it
    return theirs


def rotate_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Llama rotate as LLaDA does."""
    from transformers.models.llama import modeling_llama

    plain = modeling_llama.apply_rotary_pos_emb

    def wide(q, k, cos, sin, *rest, **named):
        turned = plain(q.float(), k.float(), cos.float(), sin.float(), *rest, **named)
        return tuple(part.to(q.dtype) for part in turned)

    monkeypatch.setattr(modeling_llama, "apply_rotary_pos_emb", wide)

    def forward(self, x, position_ids):
        angle = position_ids[:, :, None].float() * self.inv_freq.float()
        angle = torch.cat((angle, angle), dim=-1)
        return angle.cos(), angle.sin()

    monkeypatch.setattr(modeling_llama.LlamaRotaryEmbedding, "forward", forward)


def both_ways(theirs: torch.nn.Module, tokens: torch.Tensor) -> torch.Tensor:
    """Logits with an all-zero additive mask, which no attention implementation makes causal."""
    length = tokens.shape[1]
    dtype = next(theirs.parameters()).dtype
    return theirs(tokens, attention_mask=torch.zeros(tokens.shape[0], 1, length, length, dtype=dtype)).logits


def plain_query(tokens: torch.Tensor) -> Query:
    columns = torch.arange(tokens.shape[1]).expand_as(tokens)
    return Query(tokens, None, columns, None, columns)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_same_logits_as_transformers(case, dtype, tmp_path, monkeypatch):
    write, changes = CASES[case]
    folder = write(tmp_path, **changes)
    model = load(str(folder), dtype=dtype)
    if model.spec.rotary_float32:
        rotate_in_float32(monkeypatch)
    tokens = torch.randint(0, model.spec.vocab_size, (3, 100), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = both_ways(reference(folder, model, getattr(torch, dtype)), tokens)
        ours = model.trunk(tokens)
    assert ours.dtype == getattr(torch, dtype)
    assert expected.float().std() > 0.1
    if dtype == "float32":
        assert (ours - expected).abs().max() <= 1e-5
    else:
        assert torch.equal(ours.argmax(-1), expected.argmax(-1))


def test_reference_looks_both_ways(tmp_path):
    folder = write_llada(tmp_path)
    model = load(str(folder))
    theirs = reference(folder, model, torch.float32)
    tokens = torch.arange(20).unsqueeze(0)
    other = tokens.clone()
    other[0, -1] = 99
    with torch.inference_mode():
        assert (both_ways(theirs, tokens)[0, 0] - both_ways(theirs, other)[0, 0]).abs().max() > 1e-4


@pytest.mark.parametrize("write", [write_llada, write_dream])
def test_left_padding_leaves_rows_as_they_are_alone(write, tmp_path):
    model = load(str(write(tmp_path)))
    lengths, length = [40, 33, 7], 40
    random = torch.Generator().manual_seed(2)
    rows = [torch.randint(0, model.spec.vocab_size, (1, size), generator=random) for size in lengths]
    pads = torch.tensor([length - size for size in lengths])
    place = torch.arange(length).expand(3, length)
    tokens = torch.cat([torch.nn.functional.pad(r, (length - r.shape[1], 0), value=model.spec.pad_id) for r in rows])
    position, visible = (place - pads[:, None]).clamp(min=0), place >= pads[:, None]
    wanted = torch.arange(length - 7, length).expand(3, 7)
    with torch.inference_mode():
        batch = model.forward(Query(tokens, None, position, visible, wanted), model.open(3, length))
        for row, alone, size in zip(batch, rows, lengths, strict=True):
            query = plain_query(alone)._replace(wanted=torch.arange(size - 7, size).unsqueeze(0))
            assert (row - model.forward(query, model.open(1, size))[0]).abs().max() <= 1e-5


def test_head_runs_on_wanted_columns_only(tmp_path):
    model = load(str(write_llada(tmp_path)))
    shapes = []
    head = model.trunk.head
    model.trunk.head = lambda hidden: shapes.append(hidden.shape) or head(hidden)
    tokens = torch.arange(30).reshape(1, 30)
    query = plain_query(tokens)
    some = query._replace(wanted=torch.tensor([[3, 9]]))
    with torch.inference_mode():
        every, two = model.forward(query, model.open(1, 30)), model.forward(some, model.open(1, 30))
    assert shapes == [(1, 30, model.spec.width), (1, 2, model.spec.width)]
    assert torch.allclose(two, every[:, [3, 9]], atol=1e-5)


def test_dream_reads_one_column_to_the_left(tmp_path):
    model = load(str(write_dream(tmp_path)))
    tokens = torch.arange(12).reshape(1, 12)
    with torch.inference_mode():
        raw = model.trunk(tokens)
        ours = model.forward(plain_query(tokens), model.open(1, 12))
    assert torch.allclose(ours[:, 1:], raw[:, :-1], atol=1e-5)
    assert torch.allclose(ours[:, 0], raw[:, 0], atol=1e-5)


def test_sharded_folder_is_the_same_model(tmp_path):
    one, many = load(str(write_llada(tmp_path / "a"))), load(str(write_llada(tmp_path / "b", shards=4)))
    tokens = torch.arange(20).reshape(1, 20)
    with torch.inference_mode():
        assert torch.equal(one.trunk(tokens), many.trunk(tokens))
    assert one.weights != many.weights
    assert json.loads((tmp_path / "b" / "model.safetensors.index.json").read_text())["weight_map"]

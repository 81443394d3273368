"""Folders that are wrong in one way each, and the memory that loading takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from dlldecode.errors import ModelError
from dlldecode.models.load import load

from .checkpoints import write_dream, write_json, write_llada

WTE = "model.transformer.wte.weight"
NORM = "model.transformer.ln_f.weight"


def refusal(folder: Path, **options: str) -> str:
    """The sentence with which loading fails."""
    with pytest.raises(ModelError) as caught:
        load(str(folder), **options)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
    return str(caught.value)


def change(folder: Path, **changed: torch.Tensor | None) -> None:
    """Replace, add or (None) drop tensors of model.safetensors; `__` in a name stands for a dot."""
    tensors = load_file(folder / "model.safetensors")
    for name, tensor in changed.items():
        tensors.pop(name, None)
        if tensor is not None:
            tensors[name] = tensor
    save_file(tensors, folder / "model.safetensors")


@pytest.fixture
def folder(tmp_path):
    return write_llada(tmp_path / "one")


@pytest.fixture
def sharded(tmp_path):
    return write_llada(tmp_path / "many", shards=3)


def test_no_such_folder(tmp_path):
    assert "existing folder" in refusal(tmp_path / "nothing")


def test_no_config(folder):
    (folder / "config.json").unlink()
    assert "has no config.json" in refusal(folder)


@pytest.mark.parametrize(
    ("text", "said"), [("{", "cannot be read as JSON"), ("[1]", "holds no JSON object but a list")]
)
def test_broken_config(folder, text, said):
    (folder / "config.json").write_text(text)
    assert said in refusal(folder)


def test_config_of_another_family(folder):
    config = json.loads((folder / "config.json").read_text())
    write_json(folder / "config.json", config | {"model_type": "llama"})
    said = refusal(folder)
    assert "model_type = 'llama'" in said and "llada and Dream" in said


def test_missing_shard(sharded):
    (sharded / "model-00002-of-00003.safetensors").unlink()
    said = refusal(sharded)
    assert "lacks model-00002-of-00003.safetensors" in said and "download" in said


def test_tensor_of_the_index_that_its_shard_lacks(sharded):
    path = sharded / "model-00001-of-00003.safetensors"
    tensors = load_file(path)
    gone = next(iter(tensors))
    del tensors[gone]
    save_file(tensors, path)
    said = refusal(sharded)
    assert "names tensors its files lack" in said and gone in said


def test_index_that_leaves_the_folder(sharded):
    write_json(sharded / "model.safetensors.index.json", {"weight_map": {WTE: "../model.safetensors"}})
    assert "outside the folder: ../model.safetensors" in refusal(sharded)


def test_all_problems_of_the_tensors_at_once(folder):
    change(folder, **{WTE: torch.zeros(3, 3), NORM: None, "extra.weight": torch.zeros(1), "other": torch.zeros(1)})
    said = refusal(folder)
    assert f"1 missing ({NORM})" in said
    assert "2 not expected (extra.weight, other)" in said
    assert f"1 of another shape ({WTE} [3, 3] instead of [306, 64])" in said


def test_many_names_are_cut(folder):
    save_file({NORM: torch.ones(64)}, folder / "model.safetensors")
    assert " and 26 more)" in refusal(folder)


def test_whole_numbers_are_no_weights(folder):
    change(folder, **{NORM: torch.ones(64, dtype=torch.int8)})
    assert f"1 of a dtype that is not read ({NORM} I8)" in refusal(folder)


def test_tensor_in_two_shards(sharded):
    first, second = (sharded / f"model-0000{n}-of-00003.safetensors" for n in (1, 2))
    one = load_file(first)
    name = next(iter(one))
    save_file(load_file(second) | {name: one[name]}, second)
    assert f"1 in two files ({name})" in refusal(sharded)


@pytest.mark.parametrize("kept", [0, 5, 300, -1])
def test_cut_file(folder, kept):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    said = refusal(folder)
    assert "cut short" in said and "model.safetensors" in said and "download it again" in said


def test_pickles_only(folder):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    said = refusal(folder)
    assert "pytorch_model.bin" in said and "only safetensors are read" in said


def test_no_weights(folder):
    (folder / "model.safetensors").unlink()
    assert "has neither model.safetensors nor" in refusal(folder)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers(folder, value):
    norm = torch.ones(64)
    norm[5] = value
    change(folder, **{NORM: norm})
    said = refusal(folder)
    assert "NaN or infinite" in said and NORM in said


def test_weights_that_float16_cannot_hold(folder):
    change(folder, **{NORM: torch.full((64,), 1e6)})
    assert "as float16" in refusal(folder, dtype="float16")


def test_no_tokenizer(folder, tmp_path):
    (folder / "tokenizer.json").unlink()
    assert "has no tokenizer" in refusal(folder)
    dream = write_dream(tmp_path / "dream")
    (dream / "merges.txt").unlink()
    assert "has no tokenizer" in refusal(dream)


def test_broken_tokenizer(folder):
    (folder / "tokenizer.json").write_text("{}")
    assert "tokenizer files" in refusal(folder)


def test_tokenizer_of_another_model(tmp_path):
    said = refusal(write_llada(tmp_path, embedding_size=301))
    assert "the tokenizer has 302 entries and the model 301" in said


UNSUPPORTED = {
    "include_bias": True,
    "alibi": True,
    "attention_layer_norm": True,
    "rope": False,
    "block_type": "sequential",
    "activation_type": "swiglu",
    "layer_norm_type": "default",
    "scale_logits": True,
    "rope_scaling": {"factor": 2},
    "sliding_window": 64,
}


@pytest.mark.parametrize("key", UNSUPPORTED)
def test_architecture_of_llada_that_is_not_computed(folder, key):
    config = json.loads((folder / "config.json").read_text())
    write_json(folder / "config.json", config | {key: UNSUPPORTED[key]})
    assert f"{key} = {UNSUPPORTED[key]!r}" in refusal(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("use_sliding_window", True),
        ("rope_scaling", {"type": "yarn"}),
        ("use_mrope", True),
        ("hidden_act", "gelu"),
        ("head_dim", 8),
        ("block_size", 32),
        ("rms_norm_eps", "small"),
        ("hidden_size", -4),
        ("tie_word_embeddings", "no"),
    ],
)
def test_architecture_of_dream_that_is_not_computed(key, value, tmp_path):
    folder = write_dream(tmp_path)
    config = json.loads((folder / "config.json").read_text())
    write_json(folder / "config.json", config | {key: value})
    assert f"{key} = {value!r}" in refusal(folder)


@pytest.mark.parametrize("key", ["d_model", "embedding_size", "mask_token_id", "rope", "weight_tying", "rope_theta"])
def test_key_that_is_missing(folder, key):
    config = json.loads((folder / "config.json").read_text())
    del config[key]
    write_json(folder / "config.json", config)
    assert f"config.json lacks {key}" in refusal(folder)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"n_heads": 3}, "3 heads do not share a width of 64"),
        ({"n_kv_heads": 3}, "3 key heads do not share 4 query heads"),
        ({"mask_token_id": 9999}, "is outside 306 entries"),
        ({"mask_token_id": 297}, "is both the mask and a stop"),
        ({"n_layers": 0}, "a size is 0"),
    ],
)
def test_config_that_contradicts_itself(folder, changes, said):
    config = json.loads((folder / "config.json").read_text())
    write_json(folder / "config.json", config | changes)
    assert said in refusal(folder)


def test_nothing_in_a_folder_is_executed(tmp_path, monkeypatch):
    folder = write_dream(tmp_path / "model")
    marker = tmp_path / "marker"
    code = f"from pathlib import Path\nPath({str(marker)!r}).write_text('ran')\n"
    for name in ("evil", "sitecustomize", "tokenization_dream", "modeling_dream", "configuration_dream"):
        (folder / f"{name}.py").write_text(code)
    monkeypatch.chdir(folder)
    load(str(folder))
    assert not marker.exists()


PEAK = """
import sys
from dlldecode.models.load import load
from dlldecode.models import hub
from pathlib import Path
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024
load(sys.argv[1], device="cpu")
before = peak()
model = load(sys.argv[2], device="cpu", dtype=sys.argv[3])
print(peak() - before, sum(p.numel() * p.element_size() for p in model.trunk.parameters()))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_memory_stays_within_one_shard_of_the_model(dtype, folder, tmp_path):
    sizes = {"d_model": 512, "embedding_size": 20000, "mlp_hidden_size": 6000, "n_layers": 6}
    large = write_llada(tmp_path / "large", shards=8, **sizes)
    run = [sys.executable, "-c", PEAK, str(folder), str(large), dtype]
    grown, size = map(int, subprocess.run(run, check=True, capture_output=True, text=True).stdout.split())
    shard = max(file.stat().st_size for file in large.glob("*.safetensors"))
    assert 40e6 < shard < 50e6 and size > 160e6
    assert grown < size + shard + 4e6, (grown, size, shard)

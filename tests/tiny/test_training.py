import json

import pytest
import torch
from safetensors import safe_open

from dlldecode.tiny import checkpoint, tokenizer, train, world
from dlldecode.tiny.batches import CANVAS, LENGTHS, SHARES, Batch, Batches
from dlldecode.tiny.data import problems
from dlldecode.tiny.families import available
from dlldecode.tiny.loss import noise

TOY = [
    "--device",
    "cpu",
    "--layers",
    "2",
    "--width",
    "32",
    "--heads",
    "2",
    "--mlp-width",
    "64",
    "--batch",
    "4",
    "--workers",
    "0",
]


def test_prompts_and_answers_fit():
    coder = tokenizer.load()
    for name in available():
        for problem in problems(name, 20, 400):
            prompt, answer = tokenizer.encode(coder, problem)
            assert len(prompt) <= 110
            assert len(answer) <= 120


def test_the_tokenizer_keeps_text_and_single_digits():
    coder = tokenizer.load()
    for name in available():
        for problem in problems(name, 21, 50):
            ids = coder.encode(problem.answer, add_special_tokens=False).ids
            assert coder.decode(ids) == problem.answer
            assert all(sum(letter.isdigit() for letter in coder.decode([token])) <= 1 for token in ids)


def test_training_the_tokenizer_is_repeatable():
    assert tokenizer.train(400, 20).to_str() == tokenizer.train(400, 20).to_str()


def test_the_chat_text_is_the_template_rendered():
    from jinja2 import Environment

    config = json.loads((tokenizer.WEIGHTS / "tokenizer_config.json").read_text())
    template = Environment().from_string(config["chat_template"])
    message = {"role": "user", "content": " What is 1 + 2?\n"}
    assert template.render(messages=[message], bos_token=config["bos_token"]) == tokenizer.chat_text(message["content"])


def test_the_bundled_tokenizer_is_that_of_the_generators(tmp_path):
    names = tokenizer.SPECIAL
    coder = tokenizer.load()
    assert [coder.token_to_id(name) for name in names] == list(range(len(names)))


def some_batch() -> Batch:
    return next(iter(Batches(tokenizer.WEIGHTS, SHARES, 16, "test")))


def test_batches_are_prompt_answer_and_end_of_text():
    batch = some_batch()
    rows, length = batch.tokens.shape
    assert rows == 16
    assert length in LENGTHS
    coder = tokenizer.load()
    turn, end = coder.token_to_id(tokenizer.TURN_END), coder.token_to_id(tokenizer.END)
    for row, prompt, answer in zip(batch.tokens.tolist(), batch.prompt.tolist(), batch.answer.tolist(), strict=True):
        assert row[prompt + answer - 1] == turn
        assert set(row[prompt + answer :]) <= {end}
    assert max(LENGTHS) >= CANVAS + int(batch.prompt.max())


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_noise_masks_the_canvas_only(share):
    batch = some_batch()
    noised = noise(batch, 2, torch.Generator().manual_seed(1), share)
    masked = noised.tokens != noised.target
    place = torch.arange(batch.tokens.shape[1])
    assert not (masked & (place < batch.prompt[:, None])).any()
    assert (noised.tokens[masked] == 2).all()
    assert (noised.weight[~masked] == 0).all()
    assert masked.any()


def test_the_loss_weights_sum_to_one_on_average():
    batch = Batch(*(torch.cat([part] * 40) for part in some_batch()))
    total = torch.stack(
        [noise(batch, 2, torch.Generator().manual_seed(seed)).weight.sum(1).mean() for seed in range(20)]
    )
    assert total.mean().item() == pytest.approx(1, abs=0.05)


def test_a_run_stops_goes_on_and_exports(tmp_path):
    train.main(["--out", str(tmp_path), "--max-steps", "4", *TOY])
    first = checkpoint.restore(tmp_path, "cpu")
    assert first["step"] == 4
    train.main(["--out", str(tmp_path), "--resume", str(tmp_path), "--max-steps", "3", *TOY])
    again = checkpoint.restore(tmp_path, "cpu")
    assert again["step"] == 7
    assert again["elapsed"] >= first["elapsed"]
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["step"] == 7
    index = json.loads((tmp_path / "model.safetensors.index.json").read_text())["weight_map"]
    for name, file in index.items():
        with safe_open(tmp_path / file, "pt") as weights:
            assert weights.get_tensor(name).dtype == torch.bfloat16
    assert "model.transformer.blocks.1.ff_proj.weight" in index


def test_resuming_gives_the_same_loss_path(tmp_path):
    settings = train.options(["--out", str(tmp_path), *TOY])
    data = [some_batch() for _ in range(4)]
    place = world.World(0, 1, "cpu")
    whole = train.build(settings, place)
    for batch in data[:2]:
        whole.update(batch, 1e-3)
    whole.save()
    settings.resume = tmp_path
    later = train.build(settings, place)
    assert later.step == 2
    whole.generator.manual_seed(5)
    later.generator.manual_seed(5)
    for batch in data[2:]:
        torch.testing.assert_close(whole.update(batch, 1e-3), later.update(batch, 1e-3))


def test_the_rate_rises_then_falls_to_zero():
    assert train.learning_rate(1.0, 0, 0.0) < 0.01
    assert train.learning_rate(1.0, 1000, 0.0) == pytest.approx(1)
    assert train.learning_rate(1.0, 1000, 1.0) == pytest.approx(0)


def test_files_stay_small():
    big = {str(number): torch.zeros(4 * 1024**2, dtype=torch.bfloat16) for number in range(5)}
    groups = checkpoint.split(big, checkpoint.FILE_BYTES)
    assert all(sum(tensor.nbytes for tensor in group.values()) <= checkpoint.FILE_BYTES for group in groups)
    assert [name for group in groups for name in group] == list(big)

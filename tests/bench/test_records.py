import json
import subprocess
import sys

import pytest

from dlldecode.bench.records import ABOUT, LINES, Records
from dlldecode.errors import UsageError

ENVIRONMENT = {key: "x" for key in ("model", "revision", "weights", "dtype", "device", "versions")}


def line(key, error=None):
    return {"key": key, "error": error, "text": "ä\ud800"}


def filled(folder, *keys):
    records = Records(folder)
    records.agree(ENVIRONMENT)
    for key in keys:
        records.append(line(key))
    records.close()


def test_what_was_written_is_known_again(tmp_path):
    filled(tmp_path / "a" / "b", "1", "2")
    again = Records(tmp_path / "a" / "b", go_on=True)
    assert again.is_done("1") and again.is_done("2") and not again.is_done("3")
    assert again.known["1"]["text"] == "ä\ud800"


def test_a_line_cut_anywhere_is_dropped_and_the_next_one_is_whole(tmp_path):
    filled(tmp_path, "1", "2")
    whole = (tmp_path / LINES).read_bytes()
    first = whole.index(b"\n") + 1
    for end in range(first, len(whole)):
        (tmp_path / LINES).write_bytes(whole[:end])
        records = Records(tmp_path, go_on=True)
        assert list(records.known) == ["1"]
        records.append(line("3"))
        records.close()
        assert [json.loads(each)["key"] for each in (tmp_path / LINES).read_text().splitlines()] == ["1", "3"]


def test_a_failed_item_is_known_but_not_done_and_the_later_line_counts(tmp_path):
    records = Records(tmp_path)
    records.append(line("1", error="broken"))
    assert not records.is_done("1")
    records.append(line("1"))
    records.close()
    assert Records(tmp_path, go_on=True).is_done("1")


def test_a_folder_with_results_is_gone_on_with_only_when_asked(tmp_path):
    filled(tmp_path, "1")
    with pytest.raises(UsageError, match="--resume"):
        Records(tmp_path)


def test_results_of_another_configuration_are_refused(tmp_path):
    filled(tmp_path, "1")
    records = Records(tmp_path, go_on=True)
    with pytest.raises(UsageError, match="another configuration: dtype 'x', not 'bfloat16'"):
        records.agree({**ENVIRONMENT, "dtype": "bfloat16"})
    (tmp_path / ABOUT).unlink()
    with pytest.raises(UsageError, match=f"{ABOUT} is gone"):
        records.agree(ENVIRONMENT)


def test_two_runs_do_not_share_a_folder(tmp_path):
    records = Records(tmp_path)
    script = f"from pathlib import Path; from dlldecode.bench.records import Records; Records(Path({str(tmp_path)!r}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "another run is writing" in done.stderr
    records.close()
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


@pytest.mark.parametrize("text", ["not json\n", "[]\n", '{"no": "key"}\n', "\n"])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    (tmp_path / LINES).write_text(text)
    with pytest.raises(UsageError, match="line 1 is no result"):
        Records(tmp_path, go_on=True)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        Records(tmp_path / "file" / "below")

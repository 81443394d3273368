"""The HTML page: what is written into it; what a browser makes of it is in test_page_in_browser.py."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from dlldecode.viz.page import embedded, page

from .hostile import CANVAS, SPELLING, STEPS, hostile


class Reader(HTMLParser):
    """Collects the scripts of a page as a browser splits them, and the addresses that it names."""

    def __init__(self, text):
        super().__init__()
        self.scripts, self.addresses, self.policy = [], [], ""
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.addresses += [found[name] for name in ("src", "href", "action", "data") if name in found]
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"]
        if tag == "script":
            self._inside = True
            self.scripts.append((found, ""))

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            found, text = self.scripts[-1]
            self.scripts[-1] = found, text + data


def traces(text):
    """The data of a page."""
    (data,) = [script for found, script in Reader(text).scripts if found.get("type") == "application/json"]
    return json.loads(data)


def test_data_survive_the_way_through_the_page():
    (trace,) = traces(page([hostile()]))
    assert trace["canvas"] == CANVAS
    assert trace["about"] == {"model": "</script><b>", "strategy": "<i>dico", "preset": "paper/\u2028", "seed": "7"}
    assert trace["options"] == {"threshold": "0.9", "</script>": "<i>"}
    assert [each["revocations"] for each in trace["steps"]] == [list(each.revocations) for each in STEPS]
    assert trace["steps"][0]["commits"] == [[0, 9, 0.99, "plain", 0.99], [4, 3, 0.2, "plain", 0.2]]
    spelling = {int(token): base64.b64decode(raw) for token, raw in trace["bytes"].items()}
    assert spelling.items() <= SPELLING.items()


def test_hostile_text_adds_no_markup():
    plain, nasty = Reader(page([])), Reader(page([hostile(), hostile(evil="</script><script>alert(1)</script>")]))
    assert len(nasty.scripts) == len(plain.scripts) == 2
    assert plain.scripts[1] == nasty.scripts[1]


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--", "\x1b[31m", "\u202e", "\u2028\u2029", "&lt;"]
)
def test_embedded_text_is_harmless_and_whole(text):
    found = embedded({text: [text]})
    assert json.loads(found) == {text: [text]}
    assert found.isascii() and found.isprintable() and not set(found) & set("<>&")


def test_two_recordings_one_of_them_cut():
    first, second = traces(page([hostile(), hostile(STEPS[:3], name="/somewhere/cut.jsonl", status="")]))
    assert (first["status"], second["status"]) == ("ok", "cut")
    assert (len(first["steps"]), len(second["steps"])) == (len(STEPS), 3)
    assert second["name"] == "cut.jsonl"


def test_numbers_that_json_has_no_word_for_become_nothing():
    (trace,) = traces(page([hostile(factor=float("inf"))]))
    assert trace["steps"][4]["commits"][1][2] is None
    assert trace["options"]["factor"] == "None"


def test_the_page_names_no_address():
    text = page([hostile()])
    assert not re.search(r"https?:|url\(|@import|\bfetch\b|XMLHttpRequest|WebSocket|innerHTML", text)
    assert Reader(text).addresses == []


def test_only_the_script_of_the_template_may_run():
    reader = Reader(page([hostile()]))
    (script,) = [text for found, text in reader.scripts if not found]
    wanted = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in reader.policy
    assert f"script-src 'sha256-{wanted}';" in reader.policy


def test_the_page_is_about_as_large_as_its_traces():
    empty, one, two = (len(page([hostile()] * many)) for many in range(3))
    assert two - one < 1.1 * (one - empty)
    assert empty < 40_000


def test_pages_are_made_without_torch():
    code = "import sys, dlldecode.viz.page; print({'torch', 'numpy', 'transformers'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"

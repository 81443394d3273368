"""Token bytes on a screen: every character once, halves as fillers, nothing that a terminal would obey."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as any_of

from dlldecode.viz.scene import Cell
from dlldecode.viz.spell import FILLER, harmless, spelled


def shown(*pieces: bytes | None) -> list[str]:
    """The texts of positions that hold these bytes; None is a masked one."""
    cells = [None if piece is None else Cell(at, 1.0, "plain", 0) for at, piece in enumerate(pieces)]
    return spelled(cells, {at: piece for at, piece in enumerate(pieces) if piece is not None})


def bytewise(text: str) -> list[bytes]:
    return [bytes([byte]) for byte in text.encode()]


@pytest.mark.parametrize("letter", ["ü", "日", "👩", "é", "𝔘"])
def test_a_character_of_several_tokens_stands_where_it_ends(letter):
    pieces = bytewise(letter)
    assert shown(*pieces) == [FILLER] * (len(pieces) - 1) + [letter]
    assert shown(b"a" + pieces[0], *pieces[1:-1], pieces[-1] + b"b")[-1] == f"{letter}b"


def test_halves():
    start, *rest = bytewise("日")
    assert shown(start, None, *rest) == [FILLER, "", FILLER, FILLER], "a masked position between"
    assert shown(start, rest[0]) == [FILLER, FILLER], "the end of the canvas"
    assert shown(rest[0]) == [FILLER] and shown(b"a" + rest[0] + b"b") == [f"a{FILLER}b"], "a lone continuation byte"
    assert shown(start, b"abc") == [FILLER, f"{FILLER}abc"], "another character instead"


def test_masked_empty_and_unknown():
    assert shown(None, b"a", None) == ["", "a", ""] and shown() == []
    assert shown(b"a", b"", b"b") == ["a", "", "b"]
    assert spelled([Cell(77, 1.0, "plain", 0)], {}) == ["<77>"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("bell\x07 return\r null\x00 delete\x7f", r"bell\x07 return\x0d null\x00 delete\x7f"),
        ("\x9b2J", r"\x9b2J"),
        ("a\u202eb\u202c \u2066c\u2069 \u200e\u061c", r"a\u202eb\u202c \u2066c\u2069 \u200e\u061c"),
        ("zero\u200bwidth\ufeff\u00ad\u2060", r"zero\u200bwidth\ufeff\xad\u2060"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        ("tag\U000e0041 private\ue000", r"tag\U000e0041 private\ue000"),
        ("👩‍💻", r"👩\u200d💻"),
        ("e\u0301 日本 ｗｉｄｅ \u00a0", "e\u0301 日本 ｗｉｄｅ \u00a0"),
        ("new\nline\ttab", "new\nline\ttab"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_a_terminal_would_obey_hide_or_turn_round(text, expected):
    assert harmless(text) == expected


def test_text_split_anywhere_is_whole_again():
    text = "Ünï 日本語 e\u0301 👍🏽 ok"
    assert "".join(shown(*bytewise(text))).replace(FILLER, "") == text


@settings(deadline=None)
@given(any_of.lists(any_of.none() | any_of.binary(max_size=6) | any_of.text(max_size=4).map(str.encode), max_size=12))
def test_nothing_is_obeyed(pieces):
    texts = shown(*pieces)
    assert len(texts) == len(pieces)
    for piece, text in zip(pieces, texts, strict=True):
        assert "\x1b" not in text and (text or not piece) and (piece is not None or not text)
        assert not [letter for letter in text if unicodedata.category(letter)[0] == "C" and letter not in "\n\t"]
        text.encode()


@settings(deadline=None)
@given(any_of.text(max_size=20), any_of.integers(1, 4))
def test_whatever_is_written_is_shown_however_it_is_cut(text, size):
    raw = text.encode()
    texts = shown(*(raw[at : at + size] for at in range(0, len(raw), size)))
    assert "".join(texts).replace(FILLER, "") == harmless(text.replace("\ufffd", "")).replace(FILLER, "")

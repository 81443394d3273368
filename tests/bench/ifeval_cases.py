"""Each instruction of IFEval with its arguments, answers that follow, answers that do not; and the real prompts."""

import json
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "benchmarks" / "ifeval" / "input_data.jsonl"
ENGLISH = "the weather is lovely today and we are going to the park with our friends"
GERMAN = "das wetter ist heute schön und wir gehen mit unseren freunden in den park"
DEEP = "[" * 99_999
CASES = [
    ("keywords:existence", {"keywords": ["art", "sky"]},
     ["ART and SKY", "skyward, party", "a\nsky*art*"],
     ["art", "sk y art", "å"]),
    ("keywords:existence", {"keywords": ["a.c"]},
     ["abc", "A-C", "xaxcx"],
     ["a\nc", "ac", "a. c"]),
    ("keywords:forbidden_words", {"forbidden_words": ["run", "le"]},
     ["running", "table", "r u n"],
     ["Run!", "**le**", "a run\nb"]),
    ("keywords:frequency", {"relation": "at least", "keyword": " war ", "frequency": 2},
     ["war war", "Warm WARD", "warwar"],
     ["war", "w ar war", "x"]),
    ("keywords:frequency", {"relation": "less than", "keyword": "war", "frequency": 2},
     ["war", "peace", "WAR!"],
     ["war, War", "wars warm", "warwar"]),
    ("keywords:letter_frequency", {"let_relation": "at least", "letter": "C", "let_frequency": 2},
     ["cC", "chic", "CC"],
     ["c", "çc", "b"]),
    ("keywords:letter_frequency", {"let_relation": "less than", "letter": "!", "let_frequency": 2},
     ["!", "x", "a! ¡"],
     ["!!", "a!b!", "!\n!"]),
    ("language:response_language", {"language": "de"},
     [GERMAN, GERMAN.upper(), "1234"],
     [ENGLISH, "Это русский текст о погоде.", "今日は天気がいいです"]),
    ("length_constraints:number_words", {"relation": "at least", "num_words": 3},
     ["a b c", "it's so", "a-b-c"],
     ["a b", "a_b c", "日本語 です"]),
    ("length_constraints:number_words", {"relation": "less than", "num_words": 3},
     ["a b", "!? a", "naïve_a"],
     ["a b c", "it's so", "1.5 2"]),
    ("length_constraints:number_sentences", {"relation": "at least", "num_sentences": 2},
     ["Yes. No.", "Go! Now", "So... The end."],
     ["Mr. Smith left", "One\n\nTwo", "at 3.5 a.m. sharp"]),
    ("length_constraints:number_sentences", {"relation": "less than", "num_sentences": 2},
     ["Dr. Oz", "- a\n- b", "Yes?"],
     ["In the U.S. The end.", "What? Why?", "Hi. Bye"]),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2},
     ["a\n***\nb", "***a *** b***", "\n***\na***b\n"],
     ["a\n\nb", "a******b", "a***b***c"]),
    ("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Elm"},
     ["a\n\nelm tree", "a\n\n'\"ELM, b", "\n\nelm!s\n\nb"],
     ["a\n\n**elm**", "a\n\n\n\nelm", "elm\n\na"]),
    ("detectable_content:number_placeholders", {"num_placeholders": 2},
     ["[a][b]", "[] [x](y)", "[[a][b]]"],
     ["[[a]]", "[a] [b", "[a\nb] [c]"]),
    ("detectable_content:postscript", {"postscript_marker": "P.S."},
     ["a\nP.S. b", "p. s.", "P.P.S."],
     ["PS b", "p.  s.", "P.S"]),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"},
     ["P.P.S b", "p. p. s", "x\np.p.s."],
     ["P.S.", "PPS", "p.p. "]),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2},
     ["* a\n* b", "- a\n\n  -b", "**x**\n*\n* b\n---"],
     ["* a", "• a\n• b", "- a\n* b\n*c"]),
    ("detectable_format:constrained_response", {},
     ["My answer is yes.", "So: My answer is no. Yes", "*My answer is maybe.*"],
     ["my answer is yes.", "My answer is maybe", "yes"]),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2},
     ["*a* *b*", "**a** and *b*", "***a***"],
     ["** ** *a*", "*a\nb* *c*", "*a*b*"]),
    ("detectable_format:multiple_sections", {"section_spliter": "Day", "num_sections": 2},
     ["Day 1 a\nDay 2 b", "Day1Day2", "Day 10, Day 9, Day 8"],
     ["DAY 1 DAY 2", "Day  1 Day 2", "Day one Day two"]),
    ("detectable_format:json_format", {},
     ['{"a": [1]}', "```json\n[]\n```", " ``` NaN"],
     ["{'a': 1}", "Here: {}", '{"a": 1', DEEP]),
    ("detectable_format:title", {},
     ["<<a>>", "x << b > >> y", "<<>> <<c>>"],
     ["<< >>", "<a>", "<<a\nb>>", "<<>>>"]),
    ("combination:two_responses", {},
     ["a******b", "******a******b", "a\n******\nA\n******\n"],
     ["a******a ", "a***b", "a************b"]),
    ("combination:repeat_prompt", {"prompt_to_repeat": " Write a Song. "},
     ["Write a song. La", " WRITE A SONG.", "write a song.\n\nx"],
     ["write a song", '"Write a song."', "La. Write a song."]),
    ("startend:end_checker", {"end_phrase": " Any questions? "},
     ["Hi. Any questions?", '"ANY QUESTIONS?" ', "x any questions?\n"],
     ["Any questions?!", "*Any questions?*", "Any questions? No"]),
    ("startend:quotation", {},
     ['"a"', ' "a\nb" ', '""'],
     ['"', "'a'", "“a”", '"a".']),
    ("change_case:capital_word_frequency", {"capital_relation": "at least", "capital_frequency": 2},
     ["I, A", "USA. NATO!", "B2 X-RAY"],
     ["Usa A", "one TWO", "12 34"]),
    ("change_case:capital_word_frequency", {"capital_relation": "less than", "capital_frequency": 2},
     ["USA", "no", "UnO A"],
     ["A B", "THE\nEND", "A. B."]),
    ("change_case:english_capital", {},
     [ENGLISH.upper(), f"{ENGLISH.upper()} 123!", f"**{ENGLISH.upper()}**"],
     [ENGLISH, GERMAN.upper(), "1234", ENGLISH.upper() + "s"]),
    ("change_case:english_lowercase", {},
     [ENGLISH, f"{ENGLISH} 123!", f"- {ENGLISH}\n"],
     [ENGLISH.title(), GERMAN, "1234", ENGLISH + "S"]),
    ("punctuation:no_comma", {},
     ["a; b", "a，b", "1.000"],
     ["a, b", "1,000", ","]),
]  # fmt: skip


def doc(*orders: tuple[str, dict]):
    """A line of data."""
    return {
        "key": 7,
        "prompt": "Do it.",
        "instruction_id_list": [o[0] for o in orders],
        "kwargs": [o[1] for o in orders],
    }


def staged():
    """The real prompts."""
    if not DATA.is_file():
        pytest.skip("the benchmark's data are not on this machine")
    return [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]

"""Word lists that the task families share, and the one way they pick a wording."""

from __future__ import annotations

import random
from collections.abc import Sequence


def listed(text: str) -> tuple[str, ...]:
    """Part a line of words."""
    return tuple(text.split())


WOMEN = listed(
    "Anna Mia Sofia Emma Lena Nora Clara Ivy Ruth Maya Zoe Alice Julia Olga Priya Amina Grace Hana Lucy Elif "
    "Rosa Wendy Tara Fatima Ingrid Dora Paula Yuki Sara Nina"
)
MEN = listed(
    "Tom Ben Omar Leo Max Paul Ivan Sam Hugo Raj Felix Noah Eric Carlos Kofi Adam Jonas Peter Luca Ali "
    "Victor Dan Mark Oscar Henry Kenji Simon Theo Igor Walter"
)
# Each person with a pronoun.
PEOPLE = tuple([(name, "she") for name in WOMEN] + [(name, "he") for name in MEN])
ANIMALS = listed(
    "cat dog horse cow sheep goat pig lion tiger bear wolf fox deer rabbit mouse rat monkey camel zebra giraffe "
    "elephant whale dolphin shark eagle owl crow duck goose swan frog snake turtle otter beaver"
)
FRUITS = listed("apple pear plum peach cherry grape lemon lime orange banana mango melon fig kiwi apricot papaya")
VEGETABLES = listed("carrot potato onion tomato cabbage spinach pea bean leek garlic pepper pumpkin radish celery")
COLORS = listed("red blue green yellow black white brown pink purple gray gold silver")
TOOLS = listed("hammer saw drill wrench pliers axe shovel rake chisel ladder knife file")
CITIES = listed("Paris London Rome Berlin Madrid Vienna Athens Cairo Tokyo Delhi Lima Oslo Dublin Prague Warsaw Lisbon")
SPORTS = listed("tennis football hockey golf rugby swimming rowing boxing cricket cycling skiing chess")
JOBS = listed("baker teacher doctor nurse farmer pilot painter sailor cook judge singer driver")
FURNITURE = listed("table chair bed sofa desk lamp shelf bench stool mirror")
METALS = listed("iron copper tin lead gold silver zinc nickel")
MONTHS = listed("January February March April May June July August September October November December")

# Singular name of the category, what a list of its members is called, and the members.
CATEGORIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "animal": ("animals", ANIMALS),
    "fruit": ("fruits", FRUITS),
    "vegetable": ("vegetables", VEGETABLES),
    "color": ("colors", COLORS),
    "tool": ("tools", TOOLS),
    "city": ("cities", CITIES),
    "sport": ("sports", SPORTS),
    "job": ("jobs", JOBS),
    "piece of furniture": ("pieces of furniture", FURNITURE),
    "metal": ("metals", METALS),
    "month": ("months", MONTHS),
}

# Things counted in word problems: plural nouns, with the container they come in.
GOODS = (
    ("apples", "bag"),
    ("oranges", "crate"),
    ("stickers", "sheet"),
    ("marbles", "jar"),
    ("stamps", "book"),
    ("cookies", "box"),
    ("pencils", "pack"),
    ("cards", "deck"),
    ("shells", "bucket"),
    ("eggs", "carton"),
    ("buttons", "tin"),
    ("beads", "string"),
    ("coins", "purse"),
    ("flowers", "bunch"),
    ("books", "shelf"),
    ("balloons", "packet"),
    ("tickets", "roll"),
    ("candles", "case"),
    ("postcards", "folder"),
    ("nuts", "sack"),
)
COUNTS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
)

# Parts of plain sentences.
ADJECTIVES = listed("old small happy quiet clever brave young proud gentle tired hungry busy lucky kind bright")
VERBS = listed("sleeps runs waits sings works rests walks stands plays hides smiles dances sits stays")
PLACES = listed(
    "garden house forest river market school kitchen field station park valley village castle bridge harbor"
)
PREPOSITIONS = listed("near behind beside inside outside")
TIMES = (
    "today",
    "now",
    "again",
    "at night",
    "every day",
    "in summer",
    "in the morning",
    "after lunch",
    "on Monday",
    "all day long",
)
ADVERBS = listed("quietly slowly gladly softly calmly alone together early late")
STARTS = listed("the one this that every my our your")
LINKS = ("and", "but", "while", "because", "so")


PLURALS = {
    "cherry": "cherries",
    "shelf": "shelves",
    "celery": "sticks of celery",
    "garlic": "heads of garlic",
    "spinach": "bags of spinach",
}


def plural(noun: str) -> str:
    """Write a noun for several."""
    ending = "es" if noun.endswith(("ch", "sh", "x", "mango", "ato")) else "s"
    return PLURALS.get(noun, noun + ending)


def pick(rng: random.Random, options: Sequence[str], **fields: object) -> str:
    """Choose one of `options` and fill in its `{fields}`."""
    return options[int(rng.random() * len(options))].format(**fields)


def capital(text: str) -> str:
    """Raise the first letter only."""
    return text[:1].upper() + text[1:]

"""Grade-school word problems with worked steps; the reply ends in `#### answer`."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from dlldecode.tiny import wordings
from dlldecode.tiny.problem import Problem
from dlldecode.tiny.story import LONGEST_REPLY, Step, Story, question, solution
from dlldecode.tiny.words import FRUITS, GOODS, PEOPLE, VEGETABLES, pick, plural

SAY = wordings.load("gsm")
ANSWER = re.compile(r"\s*\$?(-?\d+)(\.0*)?\s*")


def stock(rng: random.Random) -> Story:
    """Somebody's goods grow and shrink through two to four events."""
    (name, she), (other, _) = rng.sample(PEOPLE, 2)
    goods, box = rng.choice(GOODS)
    words = {"n": name, "s": she, "o": other, "g": goods, "x": box}
    groups: list[list[Step]] = []
    if rng.random() < 0.5:
        count = rng.randint(8, 60)
        facts = [pick(rng, SAY["stock: owns"], a=count, **words)]
    else:
        packs, each = rng.randint(2, 9), rng.randint(3, 9)
        facts = [pick(rng, SAY["stock: owns packs"], a=packs, b=each, y=plural(box), **words)]
        label = pick(rng, SAY["stock: label of the start"], **words)
        groups.append([Step(packs, "*", each, label)])
        count = packs * each
    label = pick(rng, SAY["stock: label of the count"], **words)
    for _ in range(rng.randint(2, 4) - len(groups)):
        event, steps = stock_event(rng, count, words, label)
        facts.append(event)
        groups += [[step] for step in steps]
        count = steps[-1].value
    ask = pick(rng, SAY["stock: asked"], **words)
    return Story(facts, ask, groups)


def stock_event(rng: random.Random, count: int, words: dict[str, str], label: str) -> tuple[str, list[Step]]:
    """Change a count of goods, called `label`, once; returns the sentence and its steps."""
    kind = rng.random()
    if kind < 0.35 and count > 6:
        less = rng.randint(2, count - 3) if count < 40 else rng.randint(3, 35)
        fact = pick(rng, SAY["stock: loses"], b=less, **words)
        return fact[0].upper() + fact[1:], [Step(count, "-", less, label)]
    if kind < 0.5 and count <= 33:
        times = rng.randint(2, 3)
        word = {2: "twice", 3: "three times"}[times]
        fact = pick(rng, SAY["stock: multiplies"], w=word, **words)
        return fact, [Step(count, "*", times, label)]
    if kind < 0.7:
        packs, each = rng.randint(2, 5), rng.randint(2, 8)
        fact = pick(rng, SAY["stock: gets groups"], b=packs, c=each, **words)
        extra = pick(rng, SAY["stock: label of the groups"], **words)
        return fact, [Step(packs, "*", each, extra), Step(count, "+", packs * each, label)]
    more = rng.randint(3, 35)
    fact = pick(rng, SAY["stock: gains"], b=more, **words)
    return fact, [Step(count, "+", more, label)]


def shop(rng: random.Random) -> Story:
    """Two or three purchases, sometimes paid with a note."""
    name, she = rng.choice(PEOPLE)
    goods = [plural(item) for item in rng.sample(FRUITS + VEGETABLES, rng.choice((2, 2, 3)))]
    facts, costs = [], []
    label, sum_label = rng.choice(SAY["shop: label of a price"]), pick(rng, SAY["label of a sum"])
    for item in goods:
        count, price = rng.randint(2, 9), rng.randint(2, 9)
        facts.append(pick(rng, SAY["shop: buys"], n=name, a=count, b=price, g=item))
        costs.append(Step(count, "*", price, label.format(g=item)))
    groups, total = [costs], costs[0].value
    for cost in costs[1:]:
        groups.append([Step(total, "+", cost.value, sum_label)])
        total = groups[-1][0].value
    ask = pick(rng, SAY["shop: asked"], n=name, s=she)
    if len(goods) == 2 and rng.random() < 0.5:
        paid = total + rng.randint(1, 40)
        groups.append([Step(paid, "-", total, pick(rng, SAY["shop: label of the change"], n=name))])
        ask = pick(rng, SAY["shop: asked for change"], n=name, a=paid, s=she)
    return Story(facts, ask, groups, shuffled=True)


def trip(rng: random.Random) -> Story:
    """Legs at a steady speed, perhaps with a way still to go."""
    name, she = rng.choice(PEOPLE)
    facts, legs = [], []
    label = rng.choice(SAY["trip: label of a part"])
    for part in ("first", "second"):
        hours, speed = rng.randint(2, 6), rng.randint(3, 15)
        verb = rng.choice(("walks", "rides", "rows", "travels", "cycles"))
        facts.append(pick(rng, SAY["trip: travels"], n=name, v=verb, a=hours, b=speed))
        legs.append(Step(speed, "*", hours, label.format(p=part)))
    total = legs[0].value + legs[1].value
    groups = [legs, [Step(legs[0].value, "+", legs[1].value, pick(rng, SAY["trip: label of the whole"]))]]
    facts[1] = "Then " + facts[1] if facts[1].startswith(name) else "Then, " + facts[1][0].lower() + facts[1][1:]
    if rng.random() < 0.5:
        goal = total + rng.randint(3, 50)
        groups.append([Step(goal, "-", total, pick(rng, SAY["trip: label of the rest"]))])
        return Story(facts, pick(rng, SAY["trip: asked for the rest"], a=goal), groups)
    return Story(facts, pick(rng, SAY["trip: asked"], n=name, s=she), groups)


def farm(rng: random.Random) -> Story:
    """Legs or eggs over two kinds of animals."""
    name, _ = rng.choice(PEOPLE)
    four, two = (
        rng.choice(("cows", "goats", "pigs", "sheep", "horses")),
        rng.choice(("ducks", "hens", "geese", "turkeys")),
    )
    many, few = rng.randint(3, 12), rng.randint(2, 15)
    fact = pick(rng, SAY["farm: keeps"], n=name, a=many, b=few, f=four, t=two)
    label = rng.choice(("the legs of the {f}", "how many legs the {f} have", "the legs on the {f}"))
    legs = [Step(many, "*", 4, label.format(f=four)), Step(few, "*", 2, label.format(f=two))]
    total = Step(legs[0].value, "+", legs[1].value, pick(rng, SAY["farm: label of all legs"]))
    facts, groups = [fact], [legs, [total]]
    if rng.random() < 0.5:
        sold = rng.randint(2, many - 1)
        facts.append(pick(rng, SAY["farm: loses"], a=sold, f=four))
        left = Step(many, "-", sold, pick(rng, SAY["farm: label of those left"], f=four))
        legs[0] = Step(left.value, "*", 4, legs[0].label)
        groups = [[left], legs, [Step(legs[0].value, "+", legs[1].value, total.label)]]
    return Story(facts, pick(rng, SAY["farm: asked"]), groups)


def bake(rng: random.Random) -> Story:
    """Trays of baked things, some eaten, the rest shared out or sold."""
    (name, she), (other, _) = rng.sample(PEOPLE, 2)
    thing = rng.choice(("muffins", "buns", "rolls", "cookies", "pies", "tarts"))
    words = {"n": name, "s": she, "o": other, "t": thing}
    people, share = rng.randint(2, 9), rng.randint(2, 9)
    trays, each, eaten = rng.randint(2, 9), rng.randint(4, 12), 0
    eaten = trays * each - people * share
    while eaten < 1:
        trays, each = rng.randint(4, 9), rng.randint(9, 12)
        people, share = rng.randint(2, 6), rng.randint(2, 6)
        eaten = trays * each - people * share
    facts = [pick(rng, SAY["bake: bakes"], a=trays, b=each, **words), pick(rng, SAY["bake: loses"], c=eaten, **words)]
    groups = [
        [Step(trays, "*", each, pick(rng, SAY["bake: label of the whole"], **words))],
        [Step(trays * each, "-", eaten, pick(rng, SAY["bake: label of the rest"], **words))],
    ]
    left = people * share
    if rng.random() < 0.5:
        groups.append([Step(left, "/", people, pick(rng, SAY["bake: label of a share"], **words))])
        ask = pick(rng, SAY["bake: asked for a share"], a=people, **words)
    else:
        price = rng.randint(2, 5) if left < 30 else 2
        groups.append([Step(left, "*", price, pick(rng, SAY["bake: label of the money"], **words))])
        ask = pick(rng, SAY["bake: asked for the money"], a=price, **words)
    return Story(facts, ask, groups)


def savings(rng: random.Random) -> Story:
    """Weekly saving, a gift, a purchase."""
    name, she = rng.choice(PEOPLE)
    weekly, weeks, start = rng.randint(3, 12), rng.randint(2, 8), rng.randint(5, 40)
    thing = rng.choice(("lamp", "book", "coat", "bag", "game", "ball", "watch", "scarf"))
    saved, total = weekly * weeks, weekly * weeks + start
    facts = [
        pick(rng, SAY["savings: has"], n=name, a=start),
        pick(rng, SAY["savings: saves"], n=name, a=weekly, b=weeks),
    ]
    groups = [
        [Step(weekly, "*", weeks, pick(rng, SAY["savings: label of the weeks"]))],
        [Step(saved, "+", start, pick(rng, SAY["savings: label of the whole"], n=name))],
    ]
    if rng.random() < 0.6:
        price = rng.randint(2, total - 1)
        facts.append(pick(rng, SAY["savings: buys"], n=name, s=she, t=thing, a=price))
        groups.append([Step(total, "-", price, pick(rng, SAY["savings: label of the rest"], n=name))])
    return Story(facts, pick(rng, SAY["savings: asked"], n=name), groups)


def compare(rng: random.Random) -> Story:
    """Three people compared step by step: ages, points or goods."""
    (first, _), (second, _), (third, _) = rng.sample(PEOPLE, 3)
    thing = rng.choice([*(goods for goods, _ in GOODS), "points", "years behind them"])
    base, gap, times = rng.randint(3, 15), rng.randint(2, 12), rng.randint(2, 4)
    label = rng.choice(SAY["compare: label of one"])
    more = Step(base, "*", times, label.format(n=second))
    up = rng.random() < 0.5 or more.value <= gap
    other = Step(more.value, "+" if up else "-", gap, label.format(n=third))
    facts = [
        pick(rng, SAY["compare: has"], n=first, a=base, t=thing),
        pick(rng, SAY["compare: has times"], n=first, m=second, a=times),
        pick(rng, SAY["compare: has more"], n=second, m=third, a=gap, w="more" if up else "fewer"),
    ]
    groups = [[more], [other]]
    if rng.random() < 0.6:
        pair = Step(base, "+", more.value, pick(rng, SAY["compare: label of two"], n=first, m=second))
        groups += [[pair], [Step(pair.value, "+", other.value, pick(rng, SAY["compare: label of three"]))]]
        return Story(facts, pick(rng, SAY["compare: asked for three"]), groups, shuffled=True)
    return Story(facts, pick(rng, SAY["compare: asked for one"], n=third), groups, shuffled=True)


def reading(rng: random.Random) -> Story:
    """Pages read on the days so far, then the rest at a new pace."""
    name, she = rng.choice(PEOPLE)
    daily, days, pace, more = rng.randint(3, 12), rng.randint(2, 7), rng.randint(2, 12), rng.randint(2, 8)
    work, unit = rng.choice(
        (("reads", "pages"), ("solves", "puzzles"), ("learns", "words"), ("paints", "tiles"), ("writes", "lines"))
    )
    total = daily * days + pace * more
    words = {"n": name, "s": she, "v": work, "u": unit}
    facts = [
        pick(rng, SAY["reading: has"], a=total, **words),
        pick(rng, SAY["reading: does"], a=daily, b=days, **words),
    ]
    groups = [
        [Step(daily, "*", days, pick(rng, SAY["reading: label of the work done"], **words))],
        [Step(total, "-", daily * days, pick(rng, SAY["reading: label of the rest"], **words))],
    ]
    if rng.random() < 0.7:
        groups.append([Step(pace * more, "/", pace, pick(rng, SAY["reading: label of the days"]))])
        ask = pick(rng, SAY["reading: asked for the days"], a=pace, **words)
    else:
        ask = pick(rng, SAY["reading: asked for the rest"], **words)
    return Story(facts, ask, groups)


def rows(rng: random.Random) -> Story:
    """Two blocks of rows, put together or compared."""
    thing, place = rng.choice(
        (("seats", "hall"), ("plants", "garden"), ("cars", "lot"), ("lamps", "theater"), ("trees", "park"))
    )
    facts, blocks = [], []
    label = rng.choice(SAY["rows: label of a side"])
    for side in rng.sample(("left", "right", "north", "south", "front", "back"), 2):
        count, each = rng.randint(2, 9), rng.randint(3, 12)
        facts.append(pick(rng, SAY["rows: stand"], d=side, p=place, a=count, b=each, t=thing))
        blocks.append(Step(count, "*", each, label.format(t=thing, d=side)))
    low, high = sorted(step.value for step in blocks)
    groups = [blocks]
    if high > low and rng.random() < 0.4:
        groups.append([Step(high, "-", low, pick(rng, SAY["rows: label of the difference"]))])
        ask = pick(rng, SAY["rows: asked for the difference"], t=thing)
        return Story(facts, ask, groups, shuffled=True)
    groups.append([Step(blocks[0].value, "+", blocks[1].value, pick(rng, SAY["label of a sum"]))])
    ask = pick(rng, SAY["rows: asked"], t=thing, p=place)
    if rng.random() < 0.5:
        gone = rng.randint(2, low + high - 1)
        facts.append(pick(rng, SAY["rows: removed"], a=gone, t=thing))
        groups.append([Step(low + high, "-", gone, pick(rng, SAY["rows: label of the rest"], t=thing))])
        ask = pick(rng, SAY["rows: asked for the rest"], t=thing, p=place)
    return Story(facts, ask, groups, shuffled=True)


SCENARIOS: tuple[Callable[[random.Random], Story], ...] = (
    stock,
    stock,
    shop,
    trip,
    farm,
    bake,
    savings,
    compare,
    reading,
    rows,
)


def sample(rng: random.Random) -> Problem:
    """Draw a word problem; scenes and wordings are drawn again until the reply fits the canvas."""
    while True:
        story = rng.choice(SCENARIOS)(rng)
        answer = solution(rng, story)
        if len(answer) <= LONGEST_REPLY and 0 < story.answer < 200:
            return Problem("gsm", question(rng, story), answer, story.answer)


def check(problem: Problem, text: str) -> bool:
    """Say whether the number after the last `####`, alone there, is the right one."""
    _, hashes, rest = text.rpartition("####")
    found = ANSWER.fullmatch(rest) if hashes else None
    return found is not None and int(found[1]) == problem.facts

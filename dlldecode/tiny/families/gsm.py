"""Grade-school word problems with worked steps; the reply ends in `#### answer`."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from dlldecode.tiny.problem import Problem
from dlldecode.tiny.story import LONGEST_REPLY, Step, Story, question, solution
from dlldecode.tiny.words import FRUITS, GOODS, PEOPLE, VEGETABLES, pick

ANSWER = re.compile(r"\s*\$?(-?\d+)(\.0*)?\s*")
HOLDINGS = ("the {g} {n} has now", "the {g} that {n} has", "{n}'s {g} by now", "the new number of {g}")
SUMS = ("the total", "all of it together", "the sum of these", "the whole amount", "everything together")
COSTS = ("the price of the {g}", "the cost of all {g}", "what the {g} cost", "the money for the {g}")


def stock(rng: random.Random) -> Story:
    """Somebody's goods grow and shrink through two to four events."""
    (name, she), (other, _) = rng.sample(PEOPLE, 2)
    goods, box = rng.choice(GOODS)
    words = {"n": name, "s": she, "o": other, "g": goods, "x": box}
    groups: list[list[Step]] = []
    if rng.random() < 0.5:
        count = rng.randint(8, 60)
        facts = [
            pick(
                rng,
                (
                    "{n} has {a} {g}.",
                    "{n} starts with {a} {g}.",
                    "At first {n} owns {a} {g}.",
                    "There are {a} {g} in {n}'s {x}.",
                    "{n} collected {a} {g}.",
                ),
                a=count,
                **words,
            )
        ]
    else:
        packs, each = rng.randint(2, 9), rng.randint(3, 9)
        facts = [
            pick(
                rng,
                (
                    "{n} has {a} {x}s of {b} {g} each.",
                    "{n} buys {a} {x}s with {b} {g} in every {x}.",
                    "Each {x} holds {b} {g} and {n} has {a} {x}s.",
                    "{n} owns {a} full {x}s, {b} {g} per {x}.",
                ),
                a=packs,
                b=each,
                **words,
            )
            .replace("shelfs", "shelves")
            .replace("boxs", "boxes")
            .replace("bunchs", "bunches")
        ]
        label = pick(rng, ("the {g} at the start", "the first number of {g}", "what {n} starts with"), **words)
        groups.append([Step(packs, "*", each, label)])
        count = packs * each
    for _ in range(rng.randint(2, 4) - len(groups)):
        event, steps = stock_event(rng, count, words)
        facts.append(event)
        groups += [[step] for step in steps]
        count = steps[-1].value
    ask = pick(
        rng,
        (
            "How many {g} does {n} have now?",
            "How many {g} are there in the end?",
            "Find how many {g} {n} has.",
            "What is the number of {g} left with {n}?",
            "So how many {g} does {s} have?",
        ),
        **words,
    )
    return Story(facts, ask, groups)


def stock_event(rng: random.Random, count: int, words: dict[str, str]) -> tuple[str, list[Step]]:
    """Change a count of goods once; returns the sentence and its steps."""
    label = pick(rng, HOLDINGS, **words)
    kind = rng.random()
    if kind < 0.35 and count > 6:
        less = rng.randint(2, count - 3) if count < 40 else rng.randint(3, 35)
        fact = pick(
            rng,
            (
                "{n} gives {b} of them to {o}.",
                "Then {n} loses {b} {g}.",
                "{o} takes {b} of the {g} away.",
                "{n} sells {b} {g}.",
                "{b} of the {g} go missing.",
                "{s} hands {b} to {o}.",
            ),
            b=less,
            **words,
        )
        return fact[0].upper() + fact[1:], [Step(count, "-", less, label)]
    if kind < 0.5 and count <= 33:
        times = rng.randint(2, 3)
        word = {2: "twice", 3: "three times"}[times]
        fact = pick(
            rng,
            (
                "Soon {n} has {w} as many.",
                "{n}'s number of {g} grows to {w} as many.",
                "A month later {s} has {w} as many {g}.",
            ),
            w=word,
            **words,
        )
        return fact, [Step(count, "*", times, label)]
    if kind < 0.7:
        packs, each = rng.randint(2, 5), rng.randint(2, 8)
        fact = pick(
            rng,
            (
                "{b} friends bring {c} more {g} each.",
                "{n} gets {c} {g} from each of {b} friends.",
                "Then {s} finds {b} groups of {c} {g}.",
                "On each of {b} days {n} gets {c} more.",
            ),
            b=packs,
            c=each,
            **words,
        )
        extra = pick(rng, ("the extra {g}", "the {g} that come on top", "what {n} gains"), **words)
        return fact, [Step(packs, "*", each, extra), Step(count, "+", packs * each, label)]
    more = rng.randint(3, 35)
    fact = pick(
        rng,
        (
            "{n} buys {b} more.",
            "{o} gives {n} {b} {g}.",
            "Then {s} finds {b} more {g}.",
            "{b} more arrive.",
            "{n} gets {b} new {g} from {o}.",
            "Later {n} wins {b} {g}.",
        ),
        b=more,
        **words,
    )
    return fact, [Step(count, "+", more, label)]


def shop(rng: random.Random) -> Story:
    """Two or three purchases, sometimes paid with a note."""
    name, she = rng.choice(PEOPLE)
    goods = [
        item + ("es" if item in ("peach", "mango", "potato", "tomato", "radish") else "s")
        if item != "cherry"
        else "cherries"
        for item in rng.sample(FRUITS + VEGETABLES, rng.choice((2, 2, 3)))
    ]
    facts, costs = [], []
    for item in goods:
        count, price = rng.randint(2, 9), rng.randint(2, 9)
        facts.append(
            pick(
                rng,
                (
                    "{n} buys {a} {g} at {b} dollars each.",
                    "{n} takes {a} {g} for {b} dollars apiece.",
                    "{a} {g} go into the basket, {b} dollars each.",
                    "{n} wants {a} {g} that cost {b} dollars each.",
                    "At {b} dollars each, {n} gets {a} {g}.",
                ),
                n=name,
                a=count,
                b=price,
                g=item,
            )
        )
        costs.append(Step(count, "*", price, pick(rng, COSTS, g=item)))
    groups, total = [costs], costs[0].value
    for cost in costs[1:]:
        groups.append([Step(total, "+", cost.value, pick(rng, SUMS))])
        total = groups[-1][0].value
    ask = pick(
        rng,
        (
            "How much does {n} pay?",
            "What is the total price?",
            "How many dollars is that in all?",
            "How much does everything cost?",
            "What does {s} spend?",
        ),
        n=name,
        s=she,
    )
    if len(goods) == 2 and rng.random() < 0.5:
        paid = total + rng.randint(1, 40)
        groups.append(
            [Step(paid, "-", total, pick(rng, ("the change", "the money that comes back", "what {n} keeps"), n=name))]
        )
        ask = pick(
            rng,
            (
                "{n} pays with {a} dollars. How much change is there?",
                "Of {a} dollars, how many are left?",
                "What remains of {n}'s {a} dollars?",
                "How much of {a} dollars does {s} keep?",
            ),
            n=name,
            a=paid,
            s=she,
        )
    return Story(facts, ask, groups, shuffled=True)


def trip(rng: random.Random) -> Story:
    """Legs at a steady speed, perhaps with a way still to go."""
    name, she = rng.choice(PEOPLE)
    facts, legs = [], []
    for part in ("first", "second"):
        hours, speed = rng.randint(2, 6), rng.randint(3, 15)
        verb = rng.choice(("walks", "rides", "rows", "travels", "cycles"))
        facts.append(
            pick(
                rng,
                (
                    "{n} {v} {a} hours at {b} km per hour.",
                    "For {a} hours {n} {v} at {b} km an hour.",
                    "{n} {v} {b} km every hour for {a} hours.",
                    "During {a} hours {n} {v} at a speed of {b}.",
                ),
                n=name,
                v=verb,
                a=hours,
                b=speed,
            )
        )
        legs.append(
            Step(
                speed,
                "*",
                hours,
                pick(
                    rng,
                    (
                        "the {p} part of the way",
                        "the distance of the {p} part",
                        "the {p} stretch",
                        "how far the {p} part goes",
                    ),
                    p=part,
                ),
            )
        )
    total = legs[0].value + legs[1].value
    groups = [
        legs,
        [Step(legs[0].value, "+", legs[1].value, pick(rng, ("the whole way", "the distance so far", *SUMS)))],
    ]
    facts[1] = "Then " + facts[1] if facts[1].startswith(name) else "Then, " + facts[1][0].lower() + facts[1][1:]
    if rng.random() < 0.5:
        goal = total + rng.randint(3, 50)
        groups.append(
            [Step(goal, "-", total, pick(rng, ("the way that is left", "the rest of the way", "what remains")))]
        )
        return Story(
            facts,
            pick(
                rng,
                (
                    "The whole trip is {a} km. How far is it still?",
                    "Of {a} km, how many are left?",
                    "How many km remain if the road is {a} km long?",
                ),
                a=goal,
            ),
            groups,
        )
    return Story(
        facts,
        pick(
            rng,
            (
                "How far does {n} get?",
                "How many km is that altogether?",
                "How long is the whole way?",
                "What distance does {s} cover?",
            ),
            n=name,
            s=she,
        ),
        groups,
    )


def farm(rng: random.Random) -> Story:
    """Legs or eggs over two kinds of animals."""
    name, _ = rng.choice(PEOPLE)
    four, two = (
        rng.choice(("cows", "goats", "pigs", "sheep", "horses")),
        rng.choice(("ducks", "hens", "geese", "turkeys")),
    )
    many, few = rng.randint(2, 12), rng.randint(2, 15)
    fact = pick(
        rng,
        (
            "{n} keeps {a} {f} and {b} {t}.",
            "On {n}'s farm there are {b} {t} and {a} {f}.",
            "{n} counts {a} {f} and also {b} {t}.",
            "A farm has {a} {f}; {b} {t} live there too.",
        ),
        n=name,
        a=many,
        b=few,
        f=four,
        t=two,
    )
    labels = ("the legs of the {f}", "how many legs the {f} have", "the {f}' legs")
    legs = [Step(many, "*", 4, pick(rng, labels, f=four)), Step(few, "*", 2, pick(rng, labels, f=two))]
    total = Step(legs[0].value, "+", legs[1].value, pick(rng, ("all the legs", "the legs in total", *SUMS)))
    facts, groups = [fact], [legs, [total]]
    if rng.random() < 0.5:
        sold = rng.randint(1, many - 1)
        facts.append(
            pick(
                rng,
                ("Then {a} of the {f} are sold.", "{a} {f} leave for another farm.", "{a} of the {f} run away."),
                a=sold,
                f=four,
            )
        )
        left = Step(many, "-", sold, pick(rng, ("the {f} that stay", "the {f} left", "the remaining {f}"), f=four))
        legs[0] = Step(left.value, "*", 4, legs[0].label)
        groups = [[left], legs, [Step(legs[0].value, "+", legs[1].value, total.label)]]
    return Story(
        facts,
        pick(
            rng,
            (
                "How many legs do all the animals have?",
                "How many legs are there in all?",
                "Count the legs of these animals.",
                "What is the total number of legs?",
            ),
        ),
        groups,
    )


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
    facts = [
        pick(
            rng,
            (
                "{n} bakes {a} trays of {b} {t}.",
                "{n} fills {a} trays with {b} {t} each.",
                "There are {a} trays with {b} {t} on each one.",
                "Each of {n}'s {a} trays has {b} {t}.",
            ),
            a=trays,
            b=each,
            **words,
        ),
        pick(
            rng,
            ("{o} eats {c} of them.", "{c} {t} get burnt.", "{c} of the {t} are sold.", "The guests eat {c}."),
            c=eaten,
            **words,
        ),
    ]
    groups = [
        [Step(trays, "*", each, pick(rng, ("the {t} baked", "the number of {t}", "all the {t}"), **words))],
        [Step(trays * each, "-", eaten, pick(rng, ("the {t} left", "the {t} that remain", "the rest"), **words))],
    ]
    left = people * share
    if rng.random() < 0.5:
        groups.append(
            [
                Step(
                    left,
                    "/",
                    people,
                    pick(rng, ("each share", "the {t} for one person", "what each one gets"), **words),
                )
            ]
        )
        ask = pick(
            rng,
            (
                "The rest is shared by {a} people. How many {t} does each get?",
                "If {a} people share what is left, how many {t} are there for each?",
                "How many {t} go into each of {a} equal boxes?",
            ),
            a=people,
            **words,
        )
    else:
        price = rng.randint(2, 5) if left < 30 else 2
        groups.append([Step(left, "*", price, pick(rng, ("the money made", "what {n} earns", "the income"), **words))])
        ask = pick(
            rng,
            (
                "The others sell for {a} dollars each. How much money is that?",
                "Each one left sells for {a} dollars. What does {n} earn?",
                "At {a} dollars apiece, what do the rest bring in?",
            ),
            a=price,
            **words,
        )
    return Story(facts, ask, groups)


def savings(rng: random.Random) -> Story:
    """Weekly saving, a gift, a purchase."""
    name, she = rng.choice(PEOPLE)
    weekly, weeks, start = rng.randint(3, 12), rng.randint(2, 8), rng.randint(5, 40)
    thing = rng.choice(("lamp", "book", "coat", "bag", "game", "ball", "watch", "scarf"))
    saved, total = weekly * weeks, weekly * weeks + start
    facts = [
        pick(
            rng,
            ("{n} has {a} dollars.", "{n} begins with {a} dollars.", "In {n}'s purse there are {a} dollars."),
            n=name,
            a=start,
        ),
        pick(
            rng,
            (
                "{n} saves {a} dollars a week for {b} weeks.",
                "For {b} weeks {n} puts {a} dollars aside each week.",
                "Every week for {b} weeks, {n} earns {a} dollars.",
            ),
            n=name,
            a=weekly,
            b=weeks,
        ),
    ]
    groups = [
        [
            Step(weekly, "*", weeks, pick(rng, ("the savings", "the money saved", "what the weeks bring"))),
        ],
        [Step(saved, "+", start, pick(rng, ("the money in total", "all of {n}'s money", *SUMS), n=name))],
    ]
    if rng.random() < 0.6:
        price = rng.randint(2, total - 1)
        facts.append(
            pick(
                rng,
                (
                    "Then {n} buys a {t} for {a} dollars.",
                    "A {t} costs {a} dollars and {s} buys it.",
                    "After that {n} pays {a} dollars for a {t}.",
                ),
                n=name,
                s=she,
                t=thing,
                a=price,
            )
        )
        groups.append(
            [Step(total, "-", price, pick(rng, ("the money left", "what {n} still has", "the rest"), n=name))]
        )
    return Story(
        facts,
        pick(
            rng,
            (
                "How much money does {n} have?",
                "How many dollars are there at the end?",
                "What sum does {n} have now?",
                "How much is it now?",
            ),
            n=name,
        ),
        groups,
    )


def compare(rng: random.Random) -> Story:
    """Three people compared step by step: ages, points or goods."""
    (first, _), (second, _), (third, _) = rng.sample(PEOPLE, 3)
    thing = rng.choice([*(goods for goods, _ in GOODS), "points", "years behind them"])
    base, gap, times = rng.randint(3, 15), rng.randint(2, 12), rng.randint(2, 4)
    more = Step(base, "*", times, pick(rng, ("{n}'s number", "what {n} has", "the number for {n}"), n=second))
    up = rng.random() < 0.5 or more.value <= gap
    other = Step(
        more.value, "+" if up else "-", gap, pick(rng, ("{n}'s number", "what {n} has", "the number for {n}"), n=third)
    )
    facts = [
        pick(
            rng, ("{n} has {a} {t}.", "There are {a} {t} for {n}.", "{n}'s count is {a} {t}."), n=first, a=base, t=thing
        ),
        pick(
            rng,
            (
                "{m} has {a} times as many as {n}.",
                "{m} has {a} for each one of {n}'s.",
                "Take {n}'s number {a} times to get {m}'s.",
            ),
            n=first,
            m=second,
            a=times,
        ),
        pick(
            rng,
            ("{m} has {a} {w} than {n}.", "Compared to {n}, {m} has {a} {w}.", "{m} has {a} {w} than what {n} has."),
            n=second,
            m=third,
            a=gap,
            w="more" if up else "fewer",
        ),
    ]
    groups = [[more], [other]]
    if rng.random() < 0.6:
        pair = Step(
            base, "+", more.value, pick(rng, ("{n} and {m} together", "the number of {n} and {m}"), n=first, m=second)
        )
        groups += [[pair], [Step(pair.value, "+", other.value, pick(rng, ("all three together", *SUMS)))]]
        return Story(
            facts,
            pick(
                rng,
                (
                    "How many do the three have together?",
                    "What is the total of all three?",
                    "How many are there in all?",
                ),
            ),
            groups,
            shuffled=True,
        )
    return Story(
        facts,
        pick(rng, ("How many does {n} have?", "What is {n}'s number?", "Find the number for {n}."), n=third),
        groups,
        shuffled=True,
    )


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
        pick(rng, ("There are {a} {u} to do.", "{n} has {a} {u} ahead.", "The task has {a} {u}."), a=total, **words),
        pick(
            rng,
            (
                "{n} {v} {a} {u} a day for {b} days.",
                "For {b} days {n} {v} {a} {u} each day.",
                "On each of {b} days, {n} {v} {a} {u}.",
            ),
            a=daily,
            b=days,
            **words,
        ),
    ]
    groups = [
        [Step(daily, "*", days, pick(rng, ("the {u} done", "the {u} so far", "what {n} has done"), **words))],
        [Step(total, "-", daily * days, pick(rng, ("the {u} left", "the {u} still to do", "the rest"), **words))],
    ]
    if rng.random() < 0.7:
        groups.append(
            [Step(pace * more, "/", pace, pick(rng, ("the days still needed", "the number of days", "the time left")))]
        )
        ask = pick(
            rng,
            (
                "At {a} a day from then on, how many more days are needed?",
                "Then it is {a} {u} a day. How many days does the rest take?",
                "How many days for the rest, at {a} {u} each day?",
            ),
            a=pace,
            **words,
        )
    else:
        ask = pick(
            rng, ("How many {u} are left?", "How many {u} does {n} still have to do?", "What is left to do?"), **words
        )
    return Story(facts, ask, groups)


def rows(rng: random.Random) -> Story:
    """Two blocks of rows, put together or compared."""
    thing, place = rng.choice(
        (("seats", "hall"), ("plants", "garden"), ("cars", "lot"), ("lamps", "theater"), ("trees", "park"))
    )
    facts, blocks = [], []
    for side in rng.sample(("left", "right", "north", "south", "front", "back"), 2):
        count, each = rng.randint(2, 9), rng.randint(3, 12)
        facts.append(
            pick(
                rng,
                (
                    "The {d} side of the {p} has {a} rows of {b} {t}.",
                    "In the {d} part there are {a} rows with {b} {t}.",
                    "{a} rows of {b} {t} stand on the {d} side.",
                    "On the {d} side are {a} rows, {b} {t} in each.",
                ),
                d=side,
                p=place,
                a=count,
                b=each,
                t=thing,
            )
        )
        blocks.append(
            Step(
                count,
                "*",
                each,
                pick(rng, ("the {t} on the {d} side", "the {d} side", "the {d} part"), t=thing, d=side),
            )
        )
    low, high = sorted(step.value for step in blocks)
    groups = [blocks]
    if high > low and rng.random() < 0.4:
        groups.append([Step(high, "-", low, pick(rng, ("the difference", "how many more there are", "the gap")))])
        ask = pick(
            rng, ("How many more {t} are on the larger side?", "By how many {t} do the two sides differ?"), t=thing
        )
        return Story(facts, ask, groups, shuffled=True)
    groups.append([Step(blocks[0].value, "+", blocks[1].value, pick(rng, SUMS))])
    ask = pick(
        rng,
        ("How many {t} are there?", "How many {t} does the {p} have?", "Count all {t} in the {p}."),
        t=thing,
        p=place,
    )
    if rng.random() < 0.5:
        gone = rng.randint(2, low + high - 1)
        facts.append(
            pick(rng, ("{a} {t} in all are taken out.", "In total {a} of the {t} are removed."), a=gone, t=thing)
        )
        groups.append(
            [Step(low + high, "-", gone, pick(rng, ("the {t} that stay", "the {t} left", "the rest"), t=thing))]
        )
        ask = pick(
            rng,
            ("How many {t} stay?", "How many {t} are left in the {p}?", "What number of {t} remains?"),
            t=thing,
            p=place,
        )
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

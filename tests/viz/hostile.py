"""A recording that no model would make: hostile text, half characters, revocations, every mark."""

import io

from dlldecode.trace.events import Commit, Interval, Stepped
from dlldecode.trace.lines import Footer, Header
from dlldecode.trace.read import Recording, recording
from dlldecode.trace.record import Recorder

STOP, MASK = 1, 2
SCRIPT, ESCAPE, BIDI, SEPARATOR, FIRST_HALF, SECOND_HALF, CODE, INDENT, IMAGE, MISSING = range(3, 13)
SPELLING = {
    0: b"<|user|>",
    STOP: b"<|eot|>",
    MASK: b"<mask>",
    SCRIPT: b"</script><script>alert(1)</script>",
    ESCAPE: b"\x1b[31m",
    BIDI: "\u202eevil".encode(),
    SEPARATOR: "\u2028".encode(),
    FIRST_HALF: "é".encode()[:1],
    SECOND_HALF: "é".encode()[1:],
    CODE: b"def f(x):\n",
    INDENT: b"    return x\n",
    IMAGE: b"<img src=x onerror=alert(1)>&amp;",
    MISSING: b"",
}
CANVAS, BLOCK = 16, 8


def stepped(step, commits, revocations=(), anchors=(), clusters=(), block=(0, 7), regions=()):
    """A step; commits are position, token and confidence."""
    return Stepped(
        index=0,
        step=step,
        forwards=step + 1,
        block=Interval(*block),
        phase=("divide", "conquer", "finalize")[step % 3],
        commits=tuple(Commit(at, token, sure, kind(token), sure) for at, token, sure in commits),
        revocations=tuple(revocations),
        regions=tuple(Interval(*each) for each in regions),
        anchors=tuple(anchors),
        clusters=tuple(Interval(*each) for each in clusters),
        seconds=0.1 * (step + 1),
    )


def kind(token):
    return "seed" if token == BIDI else "plain"


STEPS = (
    stepped(0, [(0, CODE, 0.99), (4, SCRIPT, 0.2)], regions=[(0, 7)]),
    stepped(1, [(1, INDENT, 0.99), (6, ESCAPE, 0.97)], anchors=[0, 4], regions=[(1, 3), (5, 7)]),
    stepped(2, [(2, FIRST_HALF, 0.99)], revocations=[4], clusters=[(0, 1)], anchors=[6], regions=[(2, 5), (7, 7)]),
    stepped(3, [(3, SECOND_HALF, 0.99), (4, SCRIPT, 0.98)], regions=[(3, 5), (7, 7)]),
    stepped(4, [(5, BIDI, 0.5), (7, SEPARATOR, float("-inf"))], regions=[(5, 5), (7, 7)]),
    stepped(5, [(8, IMAGE, 0.99), (10, FIRST_HALF, 0.9)], block=(8, 15), regions=[(8, 15)]),
    stepped(6, [(9, MISSING, 0.99), (12, STOP, 0.99)], block=(8, 15), anchors=[8, 10], regions=[(9, 9), (11, 15)]),
    stepped(7, [(11, CODE, 0.99)], block=(8, 15), anchors=[12], regions=[(11, 11), (13, 15)]),
)


def hostile(steps=STEPS, name="folder/<b>trace", status="ok", **options) -> Recording:
    """The recording, read back from its lines; without a status it was cut."""
    lines: list[str] = []
    recorder = Recorder(lines.append, SPELLING.__getitem__)
    recorder.start(header({"threshold": 0.9, "</script>": "<i>", **options}))
    for step in steps:
        recorder.step(step)
    if status:
        recorder.end(Footer(status))
    return recording(name, io.BytesIO("".join(lines).encode()))


def header(options) -> Header:
    return Header(
        prompt="hi",
        prompt_ids=(0, SCRIPT),
        canvas=CANVAS,
        mask_id=MASK,
        stop_ids=(STOP,),
        block_length=BLOCK,
        model="</script><b>",
        strategy="<i>dico",
        preset="paper/\u2028",
        seed=7,
        settings={},
        options=options,
    )

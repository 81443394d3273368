r"""Where in a model's text its answer stands: in tags, in a box, on the last line."""

from __future__ import annotations

import re

BRACES = re.compile(
    r"\\\\|\\[{}]"  # a line break and braces that are shown: neither opens nor closes anything
    r"|\\(?:boxed|fbox)\s*\{"
    r"|\\(?:boxed|fbox)\s+(?P<bare>[^\s${}\\]+)"
    r"|[{}]"
)


def tagged(text: str) -> str | None:
    """What the last `<answer>` holds; one that is never closed runs to the end."""
    _, tag, rest = text.rpartition("<answer>")
    return rest.partition("</answer>")[0].strip() if tag else None


def boxed(text: str) -> str | None:
    r"""What the last closed `\boxed{...}`, `\fbox{...}` or `\boxed 5` holds; the inner one where boxes nest."""
    open_braces: list[re.Match[str]] = []
    found: list[tuple[int, str]] = []
    for token in BRACES.finditer(text):
        if token["bare"]:
            found.append((token.start(), token["bare"]))
        elif token[0] == "}" and open_braces:
            opened = open_braces.pop()
            if opened[0] != "{":
                found.append((opened.start(), text[opened.end() : token.start()]))
        elif token[0].endswith("{") and token[0] != r"\{":
            open_braces.append(token)
    return max(found)[1].strip() if found else None


def last_line(text: str) -> str:
    """The last line that is not blank."""
    return text.strip().rpartition("\n")[2].strip()

"""Text to ids and back, through the `tokenizers` library; transformers is needed only to read other models' files."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer as Core

from ..errors import ModelError
from .families import read_object
from .template import Message, Render, read_template, refusing

# A text that names special tokens is cut inside those names with a private character that the text does not hold.
GUARDS = range(0xE000, 0xF8FF)


class CoreTokenizer:
    """A fast tokenizer and, if the model has one, its chat template.

    A user's text never becomes special tokens: `chat` spells out every name of an added token that it meets there
    (`<|mdm_mask|>` goes in as `<` and `|mdm_mask|>`), and is exactly the template's own encoding otherwise.
    """

    def __init__(self, core: Core, render: Render | None) -> None:
        core.no_padding()
        core.no_truncation()
        self.core, self.render = core, render

    @property
    def has_template(self) -> bool:
        """Whether `chat` speaks through a chat template."""
        return self.render is not None

    @property
    def size(self) -> int:
        """One more than the highest id."""
        return max(self.core.get_vocab(with_added_tokens=True).values()) + 1

    @cached_property
    def added(self) -> dict[int, str]:
        """Names of the tokens that stand beside the vocabulary, by id."""
        return {token: added.content for token, added in self.core.get_added_tokens_decoder().items()}

    def token_id(self, name: str) -> int | None:
        """The id of a token's name, None when there is no such token."""
        found: int | None = self.core.token_to_id(name)
        return found

    def encode(self, text: str) -> list[int]:
        """Ids of a trusted text as it stands: special tokens recognised, none added."""
        ids: list[int] = self.core.encode(text, add_special_tokens=False).ids
        return ids

    def chat(self, prompt: str, system: str | None = None, turns: Sequence[tuple[str, str]] = ()) -> list[int]:
        """Ids of a user's turn after earlier questions and answers, ready for the answer.

        Without a template: system text, turns and prompt with blank lines between them.
        """
        said = [] if system is None else [("system", system)]
        for question, answer in turns:
            said += [("user", question), ("assistant", answer)]
        said.append(("user", prompt))
        whole = "".join(text for _, text in said)
        guard = next(chr(code) for code in GUARDS if chr(code) not in whole)
        messages = [{"role": role, "content": self.shield(text, guard)} for role, text in said]
        text = "\n\n".join(m["content"] for m in messages) if self.render is None else self.render(messages)
        return [token for piece in text.split(guard) for token in self.encode(piece)]

    def shield(self, text: str, guard: str) -> str:
        """Put `guard` behind the first character of every added token's name in the text."""
        return self.names.sub(lambda found: found[1] + guard, text) if self.names else text

    @cached_property
    def names(self) -> re.Pattern[str] | None:
        """The first character of any added token's name, where the rest of the name follows; names may overlap."""
        names = [name for name in self.added.values() if len(name) > 1 and name.strip()]
        if not names:
            return None
        return re.compile(f"(?={'|'.join(map(re.escape, names))})(.)", re.DOTALL)

    def decode(self, ids: list[int]) -> str:
        """Text of ids, special tokens left out, spaces untouched."""
        text: str = self.core.decode(ids, skip_special_tokens=True)
        return text

    def token_bytes(self, token: int) -> bytes:
        """The bytes that one token stands for: exact for byte-level BPE; an added token's own name; else empty."""
        if token in self.added:
            return self.added[token].encode()
        piece = self.core.id_to_token(token)
        if piece is None:
            return b""
        if all(letter in BYTES for letter in piece):
            return bytes(BYTES[letter] for letter in piece)
        return str(piece).encode()


class LightTokenizer(CoreTokenizer):
    """Read from `tokenizer.json` and `tokenizer_config.json` alone, in milliseconds, without transformers."""

    def __init__(self, folder: Path) -> None:
        config = read_object(folder / "tokenizer_config.json") or {}
        core = guarded(lambda: Core.from_file(str(folder / "tokenizer.json")), folder)
        super().__init__(core, guarded(lambda: read_template(folder, config), folder))


class HubTokenizer(CoreTokenizer):
    """Read by transformers, never with remote code: `tokenizer.json` as it stands, else Qwen2's files."""

    def __init__(self, folder: Path) -> None:
        library: Any = import_module("transformers")  # here, for it costs seconds
        stock = library.PreTrainedTokenizerFast if has_core(folder) else library.Qwen2TokenizerFast
        options = {"trust_remote_code": False, "local_files_only": True}
        with quiet("transformers"):
            reader = guarded(lambda: stock.from_pretrained(str(folder), **options), folder)

        def render(messages: list[Message]) -> str:
            # Text first: with tokenize=True releases 4 and 5 return different types.
            return str(reader.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))

        super().__init__(reader.backend_tokenizer, refusing(render) if reader.chat_template else None)


def has_core(folder: Path) -> bool:
    """Whether the folder has the `tokenizers` library's own file."""
    return (folder / "tokenizer.json").is_file()


def read_tokenizer(folder: Path, light: bool = False) -> CoreTokenizer:
    """The folder's tokenizer; `light` reads it without transformers. A ModelError when files are missing or broken."""
    stock = [folder / "vocab.json", folder / "merges.txt"]
    if not has_core(folder) and (light or not all(file.is_file() for file in stock)):
        raise ModelError(f"{folder} has no tokenizer: neither tokenizer.json nor vocab.json with merges.txt")
    return LightTokenizer(folder) if light else HubTokenizer(folder)


@contextmanager
def quiet(name: str) -> Iterator[None]:
    """Hold back a library's warnings: it doubts every folder whose own tokenizer class is remote code."""
    log = logging.getLogger(name)
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def guarded(read: Callable[[], Any], folder: Path) -> Any:
    """Run a reader of tokenizer files; whatever it raises becomes a ModelError."""
    try:
        return read()
    except Exception as error:  # the libraries raise bare Exceptions on damaged files
        raise ModelError(f"the tokenizer files in {folder} cannot be read ({error}); download them again") from error


def byte_letters() -> dict[str, int]:
    """The printable letter that byte-level BPE writes for each byte, as GPT-2 chose them."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + place): byte for place, byte in enumerate(others)}


BYTES = byte_letters()

"""Segmentation of Markdown texts: blocks, sentences, lines, tokens, images, front matter keys.

Blank lines divide a text into blocks; a fence, a heading, an image on a line are each a block of its own. A block holds
the blank lines that follow it, so blocks tile the text. So do tokens, the smallest pieces that a difference marks, and
the sentences and lines that they make up.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from archive.diff.model import FieldChange, ImageChange, Relation
from clean.commonmark.blocks import delimiter_columns, fenced_blocks
from clean.frontmatter import KEY_ORDER

__all__ = [
    "IMAGE",
    "Block",
    "asset",
    "blocks",
    "ends_sentence",
    "field_changes",
    "image_changes",
    "lines",
    "sentences",
    "token_key",
    "word_tokens",
    "words",
]


# Images


# An image of Markdown: its description and its address. The classes leave out what ends them: linear.
IMAGE = re.compile(r"!\[([^\[\]\n]*)\]\(([^()\[\]\s]*)\)")

# The part of a WeChat image's path that names the image; what follows it is a size. Anchored: linear.
_WECHAT = re.compile(r"/(?:sz_)?mmbiz[a-z_]*/([^/]+)(?:/|$)")

# Ends of paths that name a file, whose query then only says how it is to be sent.
_FILES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".svg", ".tif", ".tiff")


def asset(address: str) -> str:
    """Return the identity of an image by its address, without size, parameters and protocol."""
    try:
        parts = urlsplit(address)
    except ValueError:  # an address with a bad host, such as an unclosed bracket
        return address
    if wechat := _WECHAT.match(parts.path):
        return f"mmbiz:{wechat[1]}"
    if parts.scheme in {"http", "https", ""} and parts.path.lower().endswith(_FILES):
        return f"{parts.netloc.lower()}{parts.path}"
    return address.partition("#")[0]


def image_changes(
    old: str, new: str, old_payloads: Mapping[str, str], new_payloads: Mapping[str, str]
) -> tuple[ImageChange, ...]:
    """Return the changes of the images of a block; payloads are sha256 in hex, by address, where they are known.

    An image is looked for by address, then by asset, then by payload; those that are left were replaced, in order.
    """
    before = [image[2] for image in IMAGE.finditer(old)]
    after = [image[2] for image in IMAGE.finditer(new)]
    if before == after:
        return ()
    changes: list[ImageChange] = []
    _match_images(before, after, {}, {}, None)
    for relation in (Relation.SAME_ASSET, Relation.SAME_PAYLOAD):
        if relation is Relation.SAME_ASSET:
            keys = {each: asset(each) for each in (*before, *after)}
            changes += _match_images(before, after, keys, keys, relation)
        else:
            changes += _match_images(
                before,
                after,
                _known_payloads(before, old_payloads),
                _known_payloads(after, new_payloads),
                relation,
                known=True,
            )
    both = min(len(before), len(after))
    changes += [ImageChange(Relation.REPLACED, *pair) for pair in zip(before[:both], after[:both], strict=True)]
    changes += [ImageChange(Relation.REMOVED, each, "") for each in before[both:]]
    changes += [ImageChange(Relation.ADDED, "", each) for each in after[both:]]
    return tuple(changes)


def _match_images(
    before: list[str],
    after: list[str],
    old_keys: Mapping[str, str],
    new_keys: Mapping[str, str],
    relation: Relation | None,
    *,
    known: bool = False,
) -> list[ImageChange]:
    """Take from both lists the images that are the same by these keys, by the address itself where there is none."""
    after_by_key: dict[str, list[str]] = {}
    for each in after:
        if not known or each in new_keys:
            after_by_key.setdefault(new_keys.get(each, each), []).append(each)
    changes: list[ImageChange] = []
    unmatched: list[str] = []
    matched: list[str] = []
    for each in before:
        candidates = after_by_key.get(old_keys.get(each, "" if known else each))
        if candidates:
            other = candidates.pop(0)
            matched.append(other)
            if relation:
                changes.append(ImageChange(relation, each, other))
        else:
            unmatched.append(each)
    before[:] = unmatched
    for each in matched:
        after.remove(each)
    return changes


def _known_payloads(addresses: list[str], payloads: Mapping[str, str]) -> dict[str, str]:
    """Return the payloads of addresses, which were asked for without their fragments."""
    known = {each: payloads.get(each, payloads.get(each.partition("#")[0])) for each in addresses}
    return {each: sha256 for each, sha256 in known.items() if sha256}


# Blocks


_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_ITEM = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])[ \t]")
_END_OF_FRONT_MATTER = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)

LINED = frozenset({"front-matter", "list", "table", "code"})
"""Kinds whose lines mean something: they are compared line by line."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block, with the blank lines after it."""

    kind: str
    body: str
    gap: str
    line: int
    """On which it begins, from 1."""
    key: str = field(default="", compare=False)
    """What it is matched by exactly: its text without its white space's kind and amount; of an image, its asset."""

    @property
    def text(self) -> str:
        """The whole piece."""
        return self.body + self.gap


def blocks(text: str) -> list[Block]:
    """Cut a text into blocks; joined they are the text."""
    result: list[Block] = []
    end = _front_matter(text)
    number = 1
    if end:
        head = text[:end]
        rest = text[end:]
        blank = len(rest) - len(rest.lstrip("\r\n"))
        result.append(_block("front-matter", head, rest[:blank], 1))
        number += (head + rest[:blank]).count("\n")
        text = rest[blank:]
    lines = text.split("\n")
    fences = {fence.first: fence.last for fence in fenced_blocks(lines)}
    body: list[str] = []
    gap: list[str] = []
    start = number
    until = -1  # the last line of an open fence

    def flush() -> None:
        nonlocal body, gap, start
        if body or gap:
            result.append(_block(_kind(body), "".join(body), "".join(gap), start))
        start += len(body) + len(gap)
        body, gap = [], []

    last = len(lines) - 1
    alone = False  # whether the open block takes no further line
    for index, line in enumerate(lines):
        whole = line if index == last else line + "\n"
        if not whole:
            break
        if index <= until:
            body.append(whole)
            continue
        if not line.strip():
            gap.append(whole)
            continue
        fence = fences.get(index, -1)
        single = fence < 0 and (bool(_HEADING.match(line)) or _is_image(line))
        if gap or alone or single or fence >= 0:
            flush()
        body.append(whole)
        until, alone = max(until, fence), single or fence >= 0
    flush()
    return result


def _front_matter(text: str) -> int:
    """Return where the front matter ends, its closing line included; 0 where there is none."""
    if not text.startswith(("---\n", "---\r\n")):
        return 0
    closing = _END_OF_FRONT_MATTER.search(text, 4)
    if closing is None:
        return 0
    return closing.end() + (text[closing.end() : closing.end() + 1] == "\n")


def _is_image(line: str) -> bool:
    line = line.strip()
    return line.startswith("![") and IMAGE.fullmatch(line) is not None


def _kind(body: list[str]) -> str:
    if not body:
        return "blank"
    first = body[0]
    start = first.lstrip(" ")[:3]
    if start in {"```", "~~~"}:
        return "code"
    if start[:1] == "#" and _HEADING.match(first):
        return "heading"
    if start[:2] == "![" and len(body) == 1 and _is_image(first):
        return "image"
    if start[:1] == ">":
        return "quote"
    if len(body) > 1 and "|" in first and delimiter_columns(body[1].strip() + "\n", 0):
        return "table"
    if _ITEM.match(first):
        return "list"
    return "paragraph"


def _block(kind: str, body: str, gap: str, line: int) -> Block:
    # The line end of the last line is white space after the block, so that a tail that went changes no word above it.
    text = body.rstrip("\r\n") if kind != "code" else body.removesuffix("\n")
    gap = body[len(text) :] + gap
    image = IMAGE.fullmatch(text.strip()) if kind == "image" else None
    key = f"![{image[1]}]({asset(image[2])})" if image else text if kind == "code" else " ".join(text.split())
    return Block(kind, text, gap, line, key)


# Tokens, sentences and lines


# One token. Addresses, images, links, tags, code, words and numbers stay whole, everything else is one character with
# the marks that combine with it (a variant form of an ideograph is such a mark). Linear: each alternative's classes
# leave out its own opening character, so that a failed try ends where the next one begins.
_TOKEN = re.compile(
    r"!?\[[^\[\]\n]*\]\([^()\[\]\s]*\)"
    r"|https?://[^\s<>()\[\]{}\"'`|\\^\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+"
    r"|</?[A-Za-z][^<>\n]*>"
    r"|`[^`\n]+`"
    r"|\*\*|~~"
    r"|[0-9]+(?:[.,:][0-9]+)*"
    r"|[A-Za-z\xc0-\u024f\u0300-\u036f\u0370-\u052f]+(?:['’][A-Za-z]+)*"
    r"|\r\n"
    r"|.[\u0300-\u036f\ufe00-\ufe0f\U000e0100-\U000e01ef]*",
    re.DOTALL,
)

_STOPS = frozenset("。！？；…!?;｡")
_CLOSING = frozenset("”’」』）)\"'】》〉]") | {"**"}
_SPACE = frozenset(" \t\u3000\xa0")
_LINE_ENDS = frozenset(("\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"))


def word_tokens(text: str) -> list[str]:
    """Cut a text into tokens; joined they are the text."""
    return _TOKEN.findall(text)


def token_key(token: str) -> str:
    """Return what a token is compared by: an image by its asset, whatever size of it the address asks for."""
    if token.startswith("![") and (image := IMAGE.fullmatch(token)):
        return f"![{image[1]}]({asset(image[2])})"
    return token


def words(text: str) -> list[str]:
    """Return the tokens that say something, as they are compared: no spaces, no punctuation, unless that is all."""
    tokens = [token_key(token) for token in word_tokens(text) if not token.isspace()]
    return [token for token in tokens if token[0].isalnum() or len(token) > 2] or tokens


def ends_sentence(token: str) -> bool:
    """Whether a token is a stop or the end of a line."""
    return token in _STOPS or token in _LINE_ENDS


def sentences(tokens: Sequence[str]) -> list[list[str]]:
    """Group tokens into sentences: they end after Chinese and Western stops, and at the end of a line."""
    result: list[list[str]] = []
    sentence: list[str] = []
    ended = False
    for index, token in enumerate(tokens):
        if ended and not (token in _STOPS or token in _CLOSING or token in _SPACE or token in _LINE_ENDS):
            result.append(sentence)
            sentence, ended = [], False
        sentence.append(token)
        if token in _LINE_ENDS:
            result.append(sentence)
            sentence, ended = [], False
        elif token in _STOPS or (token == "." and index + 1 < len(tokens) and tokens[index + 1].isspace()):
            ended = True
    if sentence:
        result.append(sentence)
    return result


def lines(tokens: Sequence[str]) -> list[list[str]]:
    """Group tokens into lines, each with its end."""
    result: list[list[str]] = [[]]
    for token in tokens:
        result[-1].append(token)
        if token in _LINE_ENDS:
            result.append([])
    return result if result[-1] else result[:-1]


# Keys of the front matter


def field_changes(old: str, new: str) -> tuple[FieldChange, ...]:
    """Return the keys whose values are not as they were, in the order in which a front matter has them.

    `old` and `new` are front matters with their `---` lines, or empty.
    """
    before, after = _fields(old), _fields(new)
    keys = sorted(
        before.keys() | after.keys(), key=lambda each: (KEY_ORDER.index(each) if each in KEY_ORDER else 99, each)
    )
    return tuple(FieldChange(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key))


def _fields(text: str) -> dict[str, str]:
    """Return the values as they stand in the file, by key; lines without a key belong to the key above."""
    fields: dict[str, str] = {}
    current = ""
    for line in text.splitlines()[1:-1]:
        name, colon, value = line.partition(":")
        if colon and name[:1].strip() and not name.startswith(("-", "#")):
            current = name
            fields[current] = value.strip()
        elif current:
            fields[current] = f"{fields[current]}\n{line}".strip()
    return fields

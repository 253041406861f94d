"""Texts that editors keep as structured data, as the HTML that they would be shown as.

Known are ProseMirror and Tiptap (also Storyblok and Atlassian), Slate, Lexical, Portable Text (Sanity), Draft.js,
Editor.js, Contentful, Quill, trees of HTML elements (Nuxt Content, React), Medium's paragraphs, questions and updates
of schema.org, and plain lists of paragraphs as news sites have them. A node of an unknown kind is a box of what is in
it: no text is left out. What is written is bounded, so that values that name one another cannot multiply.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Final, NamedTuple

from clean.html.data.delta import delta_html, is_delta
from clean.html.data.kinds import (
    BOXES,
    ITEMS,
    MARKS,
    TAGS,
    is_blocks,
    is_element,
    is_leaf,
    kind_of_block,
    kind_of_node,
    list_around,
    plain_name,
)
from clean.html.data.texts import paragraphs
from clean.html.javascript import Literal

__all__ = ["Effort", "StructuredTexts", "structured_html"]

DEEPEST: Final = 60
"""Nodes within nodes that are read; texts have ten."""

MOST: Final = 400_000
"""Nodes that are read for one page; a long article has two thousand."""

LONGEST: Final = 10_000_000
"""Characters that are written for one page."""


_AROUND: Final = ("json", "raw", "document", "model")
"""Where a value keeps the text of which it names only the make."""

_WRAPPED: Final = 4
"""Values around a text that only name its make."""


class _TooMuch(Exception):
    """The text is larger than what is written."""


def structured_html(value: Literal) -> str:
    """Return a structured text as HTML; empty where it is none, or larger than any text."""
    return StructuredTexts({}, Effort()).html(value)


class Effort:
    """What has been read and written for the structured texts of one page."""

    def __init__(self) -> None:
        self.nodes = 0
        self.characters = 0


class StructuredTexts:
    """Writes the structured texts of one value of a page's data."""

    def __init__(self, entities: Mapping[str, Literal], effort: Effort) -> None:
        """`entities` are values by the names under which others refer to them (`{"__ref": name}`)."""
        self._writer = _Writer(entities, effort)

    def html(self, value: Literal) -> str:
        """Return a structured text as HTML; empty where it is none, or where there are too many."""
        try:
            return self._writer.document(value)
        except _TooMuch:
            return ""


_VOID: Final = frozenset({"hr", "br", "img"})
_LEXICAL: Final = ((1, "strong"), (2, "em"), (4, "s"), (16, "code"), (32, "sub"), (64, "sup"))
"""Bits of Lexical's `format`."""

_ATTRIBUTES: Final = ("href", "src", "alt", "title", "srcset", "colspan", "rowspan", "start", "id", "style", "hidden")

_INSIDE: Final = ("content", "children", "nodes", "blocks", "items", "paragraphs", "body", "elements")
"""Where a node keeps what is in it."""
_SAID: Final = (
    "innerHTML",
    "html",
    "text",
    "value",
    "markup",
    "content",
    "body",
    "caption",
    "code",
    "title",
    "headline",
    "name",
)
"""Where a node without others in it keeps its text, the surest first."""


_MOST_RUNS: Final = 300
"""Stretches of one block that are marked; a block with more stands without marks."""


class _Run(NamedTuple):
    """A stretch of text with the tags around it."""

    start: int
    end: int
    opening: str
    closing: str


class _Writer:
    def __init__(self, entities: Mapping[str, Literal], effort: Effort) -> None:
        self._entities = entities
        self._effort = effort

    def _count(self, html: str) -> str:
        self._effort.nodes += 1
        self._effort.characters += len(html)
        if self._effort.nodes > MOST or self._effort.characters > LONGEST:
            raise _TooMuch
        return html

    def _target(self, value: Literal) -> Literal:
        if isinstance(value, dict) and isinstance(name := value.get("__ref") or value.get("id"), str):
            return self._entities.get(name, value)
        return value

    def document(self, value: Literal, depth: int = 0) -> str:
        """Write a value that is a whole text; empty where it is of no known make."""
        if depth > _WRAPPED:
            return ""
        value = self._target(value)
        if isinstance(value, dict):
            kind = kind_of_node(value)
            if isinstance(value.get("ops"), list) and is_delta(value["ops"]):
                return self._delta(value["ops"])
            if isinstance(value.get("root"), dict):  # Lexical
                return self.document(value["root"], depth + 1)
            if isinstance(value.get("blocks"), list) and is_blocks(value["blocks"]):
                entities = value.get("entityMap")
                if isinstance(entities, dict | list):
                    return self._draft(value["blocks"], entities)
                return self._all(value["blocks"], 0)
            if kind in {"doc", "document", "root", "minimark", "fragment", "richtext"} or "nodeType" in value:
                return self._node(value, 0)
            if isinstance(value.get("bodyModel"), dict):
                return self.document(value["bodyModel"], depth + 1)
            if isinstance(value.get("paragraphs"), list):
                return self._all(value["paragraphs"], 0)
            for key in ("children", "content", "nodes", "body"):
                if isinstance(value.get(key), list) and is_blocks(value[key]):
                    return self._all(value[key], 0)
            inner = next((value[key] for key in _AROUND if isinstance(value.get(key), dict | list)), None)
            return self.document(inner, depth + 1) if inner is not None else ""
        if isinstance(value, list):
            if is_element(value):
                return self._element(value, 0)
            if is_delta(value):
                return self._delta(value)
            value = [self._target(one) for one in value]
            if is_blocks(value):
                return self._all([one if kind_of_block(one) else {**one, "type": "section"} for one in value], 0)
            if len(value) > 1 and all(isinstance(one, str) for one in value):
                return "".join(self._count(_inline_or_markup(one)) for one in value)
        return ""

    def _delta(self, pieces: Sequence[Literal]) -> str:
        self._effort.nodes += len(pieces)
        return self._count(delta_html(pieces))

    def _all(self, nodes: Sequence[Literal], depth: int) -> str:
        """Write nodes that stand beside one another, with lists around items that have none."""
        written: list[str] = []
        around = ""
        for given in nodes:
            node = self._target(given)
            wanted = list_around(node) if isinstance(node, dict) else ""
            if wanted != around:
                written.append((f"</{around}>" if around else "") + (f"<{wanted}>" if wanted else ""))
                around = wanted
            html = self._node(node, depth)
            written.append(f"<li>{html.removeprefix('<p>').removesuffix('</p>')}</li>" if wanted else html)
        if around:
            written.append(f"</{around}>")
        return "".join(written)

    def _node(self, node: Literal, depth: int) -> str:
        node = self._target(node)
        if depth > DEEPEST:
            raise _TooMuch
        if isinstance(node, str):
            return self._count(_text(node))
        if isinstance(node, list):
            return self._element(node, depth) if is_element(node) else self._all(node, depth + 1)
        if not isinstance(node, dict):
            return ""
        kind = kind_of_node(node)
        if kind == "element" or "tagName" in node or (isinstance(node.get("tag"), str) and "props" in node):
            return self._hast(node, depth)
        if kind in {"question", "answer", "blogposting", "newsarticle", "comment"} and "@type" in node:
            return self._thing(node, depth)
        if kind == "minimark":
            return self._all(value, depth + 1) if isinstance(value := node.get("value"), list) else ""
        if kind == "block" and isinstance(node.get("children"), list):
            return self._portable(node, depth)
        if is_leaf(node, kind):
            return self._leaf(node)
        return self._box(node, kind, depth)

    def _box(self, node: Mapping[str, Literal], kind: str, depth: int) -> str:
        given: Mapping[str, Literal] = next(
            (node[key] for key in ("attrs", "data", "model", "attributes") if isinstance(node.get(key), dict)), {}
        )
        own = {**node, **given}
        tag = BOXES.get(kind)
        if isinstance(node.get("markups"), list):
            return self._marked(node, tag or "p", depth)
        if tag == "img" or (tag is None and kind in {"embeddedassetblock", "mediasingle", "media", "assetblock"}):
            return self._picture(own, depth)
        if tag in _VOID:
            return self._count(f"<{tag}>")
        inside = next((own[key] for key in _INSIDE if isinstance(own.get(key), list) and own[key]), None)
        if inside is not None:
            html = self._all(inside, depth + 1) if kind != "list" else self._items(inside, depth + 1)
        elif isinstance(own.get("content"), dict | list) and own["content"]:
            html = self._node(own["content"], depth + 1)
        else:
            said = next((own[key] for key in _SAID if isinstance(own.get(key), str) and own[key].strip()), "")
            html = _text(said) if tag == "pre" else _inline_or_markup(said, whole=tag is None)
            title = next((own[key] for key in ("heading", "title", "headline") if isinstance(own.get(key), str)), "")
            if kind == "section" and title.strip() and title != said:
                html = f"<h2>{_text(title)}</h2>{html}"
        return self._count(_boxed(tag if tag is not None else "div", html, own))

    def _marked(self, node: Mapping[str, Literal], tag: str, depth: int) -> str:
        """Write a paragraph of Medium, whose marks are ranges."""
        if tag == "img":
            picture = self._target(node.get("metadata"))
            return self._picture({**(picture if isinstance(picture, dict) else {}), "caption": node.get("text")}, depth)
        runs: list[_Run] = []
        for one in node["markups"]:
            if isinstance(one, dict) and isinstance(one.get("start"), int) and isinstance(one.get("end"), int):
                given = {"offset": one["start"], "length": one["end"] - one["start"]}
                mark = MARKS.get(kind_of_node(one))
                if mark:
                    runs += _runs([given], f"<{mark}>", f"</{mark}>")
                elif isinstance(address := one.get("href"), str):
                    runs += _runs([given], f'<a href="{escape(address)}">', "</a>")
        html = _with_runs(str(node.get("text") or ""), runs)
        return self._count(f"<pre>{html}</pre>" if tag == "pre" else f"<{tag}>{html}</{tag}>")

    def _items(self, items: Sequence[Literal], depth: int) -> str:
        """Write the items of an Editor.js list: texts, or dictionaries with items of their own."""
        if depth > DEEPEST:
            raise _TooMuch
        written = []
        for item in items:
            if isinstance(item, dict) and ("content" in item or "items" in item):
                html = str(item.get("content") or "")
                inner = item.get("items")
                html += f"<ul>{self._items(inner, depth + 1)}</ul>" if isinstance(inner, list) and inner else ""
                written.append(self._count(f"<li>{html}</li>"))
            elif isinstance(item, dict) and "type" in item:
                written.append(self._node(item, depth))
            else:
                said = item.get("text", "") if isinstance(item, dict) else item
                written.append(self._count(f"<li>{said}</li>" if isinstance(said, str) else ""))
        return "".join(written)

    def _picture(self, own: Mapping[str, Literal], depth: int) -> str:
        address = _address(own)
        words = next((own[key] for key in ("alt", "altText", "title") if isinstance(own.get(key), str)), "")
        said = own.get("caption")
        caption = self._node(said, depth + 1) if isinstance(said, dict | list) else _inline_or_markup(str(said or ""))
        inside: list[Literal] = next((own[key] for key in _INSIDE if isinstance(own.get(key), list)), [])
        html = f'<img src="{escape(address)}" alt="{escape(words)}">' if address else ""
        html += self._all(inside, depth + 1)
        return self._count(
            f"<figure>{html}<figcaption>{caption}</figcaption></figure>" if caption else f"<p>{html}</p>"
        )

    def _leaf(self, node: Mapping[str, Literal]) -> str:
        """Write a piece of text with its marks."""
        said = next((node[key] for key in ("textData", "model") if isinstance(node.get(key), dict)), node)  # Wix, BBC
        text = next((said[key] for key in ("text", "value", "content") if isinstance(said.get(key), str)), "")
        html = _text(text)
        node = {**node, "marks": _first_list(said, ("decorations", "attributes", "marks", "formats"))}
        for mark in node["marks"]:
            name = plain_name(mark) if isinstance(mark, str) else kind_of_node(mark) if isinstance(mark, dict) else ""
            name = name.removesuffix("format")
            attributes = mark.get("attrs") if isinstance(mark, dict) else None
            if name == "link" and isinstance(attributes, dict):
                html = _linked(html, attributes.get("href"))
            elif name in MARKS:
                html = f"<{MARKS[name]}>{html}</{MARKS[name]}>"
        for name, tag in MARKS.items():
            if node.get(name) is True:
                html = f"<{tag}>{html}</{tag}>"
        bits = node.get("format")
        if isinstance(bits, int):
            for bit, tag in _LEXICAL:
                html = f"<{tag}>{html}</{tag}>" if bits & bit else html
        return self._count(html)

    def _portable(self, node: Mapping[str, Literal], depth: int) -> str:
        """Write a block of Portable Text (https://github.com/portabletext/portabletext)."""
        links = {
            str(one.get("_key")): one.get("href") or one.get("url")
            for one in node.get("markDefs") or ()
            if isinstance(one, dict)
        }
        written = []
        for span in node["children"]:
            if isinstance(span, dict) and isinstance(span.get("text"), str):
                html = _text(span["text"])
                for mark in span.get("marks") or ():
                    if not isinstance(mark, str):
                        continue
                    if mark in links:
                        html = _linked(html, links[mark])
                    elif mark in MARKS:
                        html = f"<{MARKS[mark]}>{html}</{MARKS[mark]}>"
                written.append(self._count(html))
            else:
                written.append(self._node(span, depth + 1))
        tag = BOXES.get(plain_name(node.get("style") or "normal"), "p")
        return self._count(_boxed(tag if tag not in _VOID else "p", "".join(written), {}))

    def _draft(self, blocks: Sequence[Literal], entities: Literal) -> str:
        """Write the blocks of Draft.js, whose marks are ranges of UTF-16 units."""
        pairs = entities.items() if isinstance(entities, dict) else enumerate(entities)
        known: Mapping[str, Literal] = {str(key): one for key, one in pairs}
        written: list[str] = []
        around = ""
        for block in blocks:
            if not isinstance(block, dict):
                continue
            kind = plain_name(block.get("type"))
            wanted = ITEMS.get(kind, "")
            if wanted != around:
                written.append((f"</{around}>" if around else "") + (f"<{wanted}>" if wanted else ""))
                around = wanted
            runs: list[_Run] = []
            pictures: list[str] = []
            for one in block.get("entityRanges") or ():
                entity = known.get(str(one.get("key"))) if isinstance(one, dict) else None
                data = entity.get("data") if isinstance(entity, dict) else None
                if not isinstance(entity, dict) or not isinstance(data, dict):
                    continue
                if plain_name(entity.get("type")) in {"image", "photo", "img"}:
                    pictures.append(self._picture(data, 0))
                elif isinstance(address := data.get("url") or data.get("href"), str):
                    runs += _runs([one], f'<a href="{escape(address)}">', "</a>")
            for one in block.get("inlineStyleRanges") or ():
                mark = MARKS.get(plain_name(one.get("style"))) if isinstance(one, dict) else None
                if mark:
                    runs += _runs([one], f"<{mark}>", f"</{mark}>")
            text = block.get("text")
            html = _with_runs(text if isinstance(text, str) else "", runs)
            tag = "li" if wanted else BOXES.get(kind, "p")
            if pictures and not html.strip():
                written += pictures
            else:
                written.append(self._count(_boxed("p" if tag in _VOID else tag, html, {})))
                written += pictures
        return "".join(written) + (f"</{around}>" if around else "")

    def _hast(self, node: Mapping[str, Literal], depth: int) -> str:
        """Write an element of HTML as Nuxt Content and unified keep it."""
        tag = str(node.get("tag") or node.get("tagName") or "")
        props = node.get("props") or node.get("properties") or node.get("attributes")
        return self._tagged(tag, props if isinstance(props, dict) else {}, node.get("children"), depth)

    def _element(self, node: list[Literal], depth: int) -> str:
        """Write an element of React (`["$", tag, key, props]`) or of minimark (`[tag, props, …children]`)."""
        if node[0] == "$":
            props = node[3] if len(node) > 3 and isinstance(node[3], dict) else {}
            inside = props.get("dangerouslySetInnerHTML")
            if isinstance(inside, dict) and isinstance(inside.get("__html"), str):
                return self._count(inside["__html"])
            tag = node[1] if isinstance(node[1], str) else ""
            return self._tagged(tag, props, props.get("children"), depth)
        return self._tagged(str(node[0]), node[1], list(node[2:]), depth)

    def _tagged(self, tag: str, props: Mapping[str, Literal], children: Literal, depth: int) -> str:
        if depth > DEEPEST:
            raise _TooMuch
        if tag in {"script", "style", "template", "noscript"}:
            return ""
        inside = children if isinstance(children, list) and not is_element(children) else [children]
        html = "".join(self._node(one, depth + 1) for one in inside if one is not None)
        if tag not in TAGS:
            return html
        given = {key.lower(): value for key, value in props.items()}
        written = "".join(
            f' {key}="{escape(given[key])}"'
            for key in _ATTRIBUTES
            if isinstance(given.get(key), str | int)
            and not isinstance(given[key], bool)
            and isinstance(given[key], str)
        )
        return self._count(f"<{tag}{written}>" + ("" if tag in _VOID or tag == "source" else f"{html}</{tag}>"))

    def _thing(self, node: Mapping[str, Literal], depth: int) -> str:
        """Write a question with its answers, or an update of a live report, as schema.org has them."""
        title = str(node.get("name") or node.get("headline") or "")
        said = next((node[key] for key in ("articleBody", "text") if isinstance(node.get(key), str)), "")
        html = f"<h2>{_text(title)}</h2>" if title else ""
        if said and said.strip() != title.strip():
            html += _inline_or_markup(said)
        for key in ("acceptedAnswer", "suggestedAnswer"):
            answers = node.get(key)
            for one in answers if isinstance(answers, list) else [answers]:
                html += self._node(one, depth + 1) if isinstance(one, dict) else ""
        return self._count(html)


def _first_list(node: Mapping[str, Literal], keys: Sequence[str]) -> list[Literal]:
    return next((node[key] for key in keys if isinstance(node.get(key), list)), [])


def _boxed(tag: str, html: str, own: Mapping[str, Literal]) -> str:
    if tag == "h2" and isinstance(level := own.get("level") or own.get("depth"), int) and 1 <= level <= 6:
        tag = f"h{level}"
    if isinstance(named := own.get("tag"), str) and named in {"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"}:
        tag = named  # Lexical
    if tag == "ul" and own.get("style") == "ordered":
        tag = "ol"
    if tag == "a":
        data = next((own[key] for key in ("fields", "linkData") if isinstance(own.get(key), dict)), own)
        return _linked(
            html, next((data[key] for key in ("href", "url", "uri", "locator") if isinstance(data.get(key), str)), "")
        )
    if tag == "pre":
        return f"<pre><code>{html}</code></pre>"
    return f"<{tag}>{html}</{tag}>" if tag else html


def _address(picture: Mapping[str, Literal]) -> str:
    """Return the address of a picture: the first that is one, in the value or in what it holds; else its data."""
    waiting: list[Literal] = [picture]
    data = ""
    for _ in range(_LOOKED_AT):
        if not waiting:
            break
        value = waiting.pop(0)
        if not isinstance(value, dict):
            continue
        for key in ("src", "url", "href", "originalUrl"):
            if isinstance(found := value.get(key), str) and found and not found.startswith("data:"):
                return found
            if isinstance(found, str):  # often only what stands there until the picture is loaded
                data = data or found
        if isinstance(name := value.get("id"), str) and name.startswith(("0*", "1*")):  # Medium's own pictures
            return f"https://miro.medium.com/v2/{name}"
        inside = (value.get(key) for key in ("file", "asset", "image", "data", "target", "fields", "attrs", "media"))
        waiting += [one for one in inside if one is not None]
    return data


_LOOKED_AT: Final = 40
"""Values of one picture in which its address is looked for."""


def _linked(html: str, address: Literal) -> str:
    return f'<a href="{escape(address)}">{html}</a>' if isinstance(address, str) and address else html


def _text(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>") if isinstance(text, str) else ""


def _inline_or_markup(text: str, *, whole: bool = True) -> str:
    """Write a text that may hold markup; where it has none and is a block of its own, its lines are paragraphs."""
    if "<" in text and ">" in text:
        return text
    return paragraphs(text) if whole and text.strip() else _text(text)


def _runs(ranges: Sequence[Mapping[str, Literal]], opening: str, closing: str) -> Iterator[_Run]:
    for one in ranges:
        start, length = one.get("offset"), one.get("length")
        if isinstance(start, int) and isinstance(length, int) and start >= 0 and length > 0:
            yield _Run(start, start + length, opening, closing)


def _with_runs(text: str, runs: Sequence[_Run]) -> str:
    """Write a text with tags around its runs, cut at each other's ends, so that they are nested."""
    if not runs:
        return _text(text)
    if len(runs) > _MOST_RUNS:
        return _text(text)
    units = text.encode("utf-16-le", "surrogatepass")
    length = len(units) // 2
    cuts = sorted({0, length, *(min(place, length) for run in runs for place in (run.start, run.end))})
    written = []
    for start, end in pairwise(cuts):
        piece = units[2 * start : 2 * end].decode("utf-16-le", "replace")
        around = [run for run in runs if run.start <= start and end <= run.end]
        html = _text(piece)
        for run in reversed(around):
            html = run.opening + html + run.closing
        written.append(html)
    return "".join(written)

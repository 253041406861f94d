"""Notices: pages and texts that stand in the place of an article, told by their make or by what their whole text says.

Two kinds of rules. `marks` name what a maker's page has: an element, a script, a sentence; they hold only where there
is little else to read. `phrases` list what such pages say, in many languages; they hold only where the text as a whole
says it, so that an article about missing pages, captchas or maintenance stays an article. What no rule knows is told by
its wording (`wording`); a rule with the state `live` names what is an article all the same.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from clean.document import State
from clean.rules import NOTICE, Rule, Ruleset
from clean.stages.stage import Edit, StageResult, View
from clean.stages.wording import Wording, columns, is_worded_as_notice
from clean.view import OPENING, title_length

__all__ = [
    "Marks",
    "Notice",
    "ShownLine",
    "ShownText",
    "detect_notice",
    "detect_wall",
    "find_notice",
    "is_short",
    "wording_of",
]

LONGEST = 2600
"""Columns of text, a Chinese character two, above which nothing is a notice. The longest known ones, of Cloudflare and
of Anubis, have about 1,600."""

FEW = 900
"""Columns within which a rule's marks count where it does not say `at-most`."""

MOST_SAID = 8
"""Lines, without headings and links, above which the wording is not asked: what another tool made of a page has
interface words beside its text, line by line."""

LONGEST_TITLE = 90
"""Columns above which a title or a heading is a sentence of its own."""

_MOST_SIGNS = 50
"""Signs in a title that part it; one with more is no title."""

LINES = 80
"""Lines above which a text is a list and no notice."""


class ShownLine(NamedTuple):
    """One line or block of text that a reader sees."""

    text: str
    heading: bool = False
    linked: bool = False
    """Whether all of it is a link: a way to elsewhere, which says nothing about this page."""


class ShownText(NamedTuple):
    """What a source shows to a reader."""

    title: str
    lines: Sequence[ShownLine]
    is_article: bool = False
    """Whether the source declares that it is an article, with a date or an author of its own."""
    again: int = 0
    """How many lines at the beginning say the title again."""


Marks = Mapping[str, Sequence[str]]
"""What a page is made of, in lower case, by kind: `id`, `class`, `element`, `script` (address or code), `frame`
(address), `form` (target), `link` (address), `has` (`password`, `refresh`). Empty for a text."""


class Notice(NamedTuple):
    """What was told of a page that is no article."""

    state: State
    rule: Rule
    text: str
    """The notice's own words, one line each."""
    by_wording: bool = False
    """Whether no rule told it for certain: what else the page holds is looked at as in a shell."""


# Words of a sentence, as sentences are compared.


_UNSPACED = "\u2e80-\ua4cf\uf900-\ufaff"  # Chinese and kana; Korean parts its words
# All of these are single characters, or one run of them: linear. Those with classes of several wide ranges are made
# when they are first used: all together they take longer to make than an article to clean, and few articles need them.
_NO_WORD = re.compile(r"[\W_]+")
_BETWEEN = cache(lambda: re.compile(f"(?<=[{_UNSPACED}]) (?=[{_UNSPACED}])"))
_BORDER = cache(lambda: re.compile(f"(?<=[{_UNSPACED}])(?=[a-z0-9])|(?<=[a-z0-9])(?=[{_UNSPACED}])"))
_IDEOGRAPHS = re.compile("[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"(?<=[.!?])\s|(?<=[。！？；])|\n")
# What parts a title from the name of its site: a sign between blanks, or one that needs none.
# What a site says below each of its pages: rights, and the numbers under which China registers it. Linear: literals.
_RIGHTS = re.compile(
    r"^\s*(?:©|\(c\)|copyright\b)|all rights reserved|版权所有|版權所有|ICP备|ICP证|公网安备", re.IGNORECASE
)
_SEGMENT = re.compile(r"\s[-–—:•·]\s|[|»›_｜]|——")


def _words(text: str) -> str:
    """Return the words of a text in one form, a blank before, between and after them."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = _NO_WORD.sub(" ", folded)
    return f" {_BORDER().sub(' ', _BETWEEN().sub('', plain)).strip()} "


class _Phrase(NamedTuple):
    """A phrase in pieces, which follow one another within a sentence; between them may stand anything."""

    pieces: tuple[str, ...]

    def width(self, sentence: str) -> int:
        """Return how many columns of a sentence the phrase explains, 0 where it is not in it."""
        at = 0
        start = -1
        for piece in self.pieces:
            found = sentence.find(piece, at)
            if found < 0 or (start >= 0 and found - at > _GAP):
                return 0
            start = found if start < 0 else start
            at = found + len(piece) - piece.endswith(" ")
        return columns(sentence[start:at].strip())


_GAP = 60
"""Characters between two pieces of a phrase, at most."""

_WIDE = 2
"""Columns of a character of the scripts that need no blanks."""


def _phrase(text: str) -> _Phrase:
    """Read a phrase: `…` stands for any words, `*` at the end of a word for any ending."""
    pieces = []
    for part in text.split("…"):
        words = _words(part)
        first, last = words[1:2], words[-2:-1]
        begin = "" if columns(first) == _WIDE else " "
        end = "" if columns(last) == _WIDE or part.rstrip().endswith("*") else " "
        pieces.append(begin + words.strip() + end)
    return _Phrase(tuple(pieces))


# What all rules of the stage look for, compiled once.


class _Marked(NamedTuple):
    """A rule by marks: at least one of `any`, and of `also` where there are some."""

    rule: Rule
    any: tuple[tuple[str, str | _Phrase], ...]
    also: tuple[tuple[str, str | _Phrase], ...]
    at_most: int


class _Phrased(NamedTuple):
    """A rule by phrases; without a state they only count as a notice's own words."""

    rule: Rule
    phrases: tuple[_Phrase, ...]
    also: tuple[tuple[str, str | _Phrase], ...]


class _NoticeRules(NamedTuple):
    marked: tuple[_Marked, ...]
    phrased: tuple[_Phrased, ...]


_SAID = ("title", "text", "line")
"""Kinds of marks that are words a reader sees; the others are parts of a page."""


def _mark(text: str) -> tuple[str, str | _Phrase]:
    kind, _, value = text.partition(":")
    return kind, _phrase(value) if kind in _SAID else value.casefold()


def _compile(ruleset: Ruleset) -> _NoticeRules:
    marked, phrased = [], []
    for rule in ruleset.of(NOTICE, "generic"):
        also = tuple(map(_mark, rule.options.get("also", ())))
        if rule.match == "marks":
            marked.append(_Marked(rule, tuple(map(_mark, rule.texts)), also, rule.options.get("at-most", FEW)))
        else:
            phrased.append(_Phrased(rule, tuple(map(_phrase, rule.texts)), also))
    marked.sort(key=lambda one: one.rule.options["state"] != State.LIVE.value)  # what is an article comes first
    return _NoticeRules(tuple(marked), tuple(phrased))


# The judgement.


class _Read(NamedTuple):
    """A shown text, ready to be asked."""

    shown: ShownText
    titles: tuple[str, ...]
    """The title and its parts, one of which may be the site's name."""
    segments: tuple[str, ...]
    """The same of title and headings."""
    lines: tuple[tuple[str, ...], ...]
    """Sentences of each line."""
    size: int
    """Columns of all lines that are more than links."""


def find_notice(
    shown: ShownText, marks: Marks, ruleset: Ruleset, *, by_phrases: bool = True, by_wording: bool = True
) -> Notice | None:
    """Return what a source tells by its make, or by its whole text; None where it may be an article.

    `by_phrases` is off for a platform whose own notices are all known: what else is short there, somebody wrote. What
    the wording tells is asked only with them, and only of a text as a whole: `by_wording` is off for parts of a page.
    """
    read = _read(shown)
    if read is None:
        return None
    rules = ruleset.compiled(NOTICE, _compile)
    links = sum(columns(line.text) for line in shown.lines if line.linked)
    for marked in rules.marked:
        if links > LONGEST and marked.at_most <= FEW:
            continue  # a page of links, such as a shop or an overview, with a word that a wall has too
        if (
            read.size <= marked.at_most
            and _has(marked.any, read, marks)
            and (not marked.also or _has(marked.also, read, marks))
        ):
            return _told(marked.rule, shown)
    if not by_phrases:
        return None
    said = _by_phrases(read, marks, rules.phrased)
    if said.is_whole and said.rule is not None:
        return _told(said.rule, shown)
    unknown = ruleset.by_id.get(_BY_WORDING)
    if by_wording and unknown is not None and _is_worded_as_notice(read, said.signs, is_page=bool(marks)):
        found = _told(said.rule or unknown, shown)
        return found._replace(by_wording=True) if found is not None else None
    return None


_BY_WORDING = "notice.wording"
"""The rule of notices that no other rule knows."""


def _is_worded_as_notice(read: _Read, signs: frozenset[str], *, is_page: bool) -> bool:
    """Whether a short text speaks to the reader about the page, and not of a subject."""
    lines = read.shown.lines
    said = sum(not line.heading and not line.linked for line in lines)
    if not 0 < read.size <= FEW or said > MOST_SAID:
        return False
    wording = _wording(read.shown, signs)
    return is_worded_as_notice(wording, reserved=read.shown.is_article or not is_page)


def _wording(shown: ShownText, signs: frozenset[str]) -> Wording:
    return Wording(
        [shown.title, *(line.text for line in shown.lines if line.heading and not line.linked)],
        [line.text for line in shown.lines if not line.heading and not line.linked],
        [line.text for line in shown.lines if line.linked],
        signs,
    )


def is_short(lines: Sequence[ShownLine]) -> bool:
    """Whether there is so little text that it may be a notice."""
    return len(lines) <= LINES and _least_size(lines) <= LONGEST and _size(lines) <= LONGEST


def _least_size(lines: Sequence[ShownLine]) -> int:
    """Return what the columns of these lines are at least; what articles have is told by this alone."""
    return sum(len(line.text) + len(_IDEOGRAPHS.findall(line.text)) for line in lines if not line.linked)


def _size(lines: Sequence[ShownLine]) -> int:
    return sum(columns(line.text) for line in lines if not line.linked)


def _read(shown: ShownText) -> _Read | None:
    lines_below = shown.lines[shown.again :]
    shown = shown._replace(lines=[line for line in lines_below if not _RIGHTS.search(line.text)])
    if not is_short(shown.lines):
        return None
    titles = tuple(dict.fromkeys((shown.title, *_SEGMENT.split(shown.title, maxsplit=_MOST_SIGNS))))
    heads = [*titles, *(part for line in shown.lines if line.heading for part in _SEGMENT.split(line.text))]
    segments = [_words(part) for part in dict.fromkeys(heads) if 0 < columns(part.strip()) <= LONGEST_TITLE]
    lines = tuple(tuple(map(_words, filter(None, _SENTENCE.split(line.text)))) for line in shown.lines)
    return _Read(shown, tuple(map(_words, titles)), tuple(segments), lines, _size(shown.lines))


def _has(wanted: Iterable[tuple[str, str | _Phrase]], read: _Read, marks: Marks) -> bool:
    return any(_holds(kind, value, read, marks) for kind, value in wanted)


def _holds(kind: str, value: str | _Phrase, read: _Read, marks: Marks) -> bool:
    if isinstance(value, _Phrase):
        if kind == "title":
            return any(_is_title(value, segment) for segment in read.titles)
        sentences = (sentence for line in read.lines for sentence in line)
        if kind == "line":
            return any(0 < columns(sentence.strip()) <= value.width(sentence) for sentence in sentences)
        return any(value.width(sentence) for sentence in sentences)
    found = marks.get(kind, ())
    if kind in {"id", "class", "element", "has"}:
        prefix = value.rstrip("*")
        return any(one == value or (prefix != value and one.startswith(prefix)) for one in found)
    return any(value in one for one in found)


def _is_title(phrase: _Phrase, segment: str) -> bool:
    """Whether a title is the phrase, or begins with one that takes any ending, and does not only speak of it."""
    if not phrase.pieces[-1].endswith(" ") and segment.startswith(phrase.pieces[0]):
        return phrase.width(segment) > 0
    return 10 * phrase.width(segment) >= 6 * columns(segment.strip()) > 0


def _told(rule: Rule, shown: ShownText) -> Notice | None:
    """Return what a rule tells; None for one that names what is an article all the same."""
    state = State(rule.options["state"])
    if state is State.LIVE:
        return None
    text = "\n".join(line.text for line in shown.lines if not line.linked) or shown.title
    return Notice(state, rule, text)


_FIFTHS = 5
"""Steps in which it is told how much of a text phrases explain."""

# How much each place of a phrase says about which state it is.
_IN_HEAD, _AT_BEGINNING, _BELOW = 3, 2, 1


class _Said(NamedTuple):
    """What the phrases tell of a text."""

    rule: Rule | None
    """The rule that says most of it; None where no rule with a state says anything."""
    is_whole: bool
    """Whether phrases are what the text has to say, and not something that it speaks of."""
    signs: frozenset[str]
    """Which rules' phrases are in the head and in the text, and how much of it they explain, for its wording."""


def wording_of(shown: ShownText, ruleset: Ruleset) -> Wording:
    """Return the words of a short text by their place, with what the phrases of the rules say of it."""
    read = _read(shown)
    rules = ruleset.compiled(NOTICE, _compile).phrased
    return _wording(shown, _by_phrases(read, {}, rules).signs if read is not None else frozenset())


def _sayable(read: _Read, rules: Sequence[_Phrased]) -> list[_Phrased]:
    """Return the rules with those of their phrases alone whose pieces stand in the text, whatever the order.

    There are hundreds of phrases and dozens of sentences: asked of each sentence alone, they took longer than anything
    else on a page.
    """
    text = "\n".join((*read.segments, *(sentence for line in read.lines for sentence in line)))
    said = (
        (one, tuple(phrase for phrase in one.phrases if all(piece in text for piece in phrase.pieces))) for one in rules
    )
    return [one._replace(phrases=phrases) for one, phrases in said if phrases]


def _by_phrases(read: _Read, marks: Marks, rules: Sequence[_Phrased]) -> _Said:
    """Return the rule whose phrases the text is made of, for the most part or at all."""
    scores: dict[str, int] = {}
    by_id: dict[str, Rule] = {}
    usable = [one for one in _sayable(read, rules) if not one.also or _has(one.also, read, marks)]
    headed = False
    signs: set[str] = set()
    for segment in read.segments:
        whole = columns(segment.strip())
        for one in usable:
            if any(2 * phrase.width(segment) >= whole > 0 for phrase in one.phrases):
                headed = True
                signs.add(f"@h:{one.rule.id}")
                if not one.rule.options.get("state"):
                    continue
                scores[one.rule.id] = scores.get(one.rule.id, 0) + _IN_HEAD
                by_id[one.rule.id] = one.rule
    explained, at = 0, 0
    for line, sentences in zip(read.shown.lines, read.lines, strict=True):
        if line.linked:
            continue
        at += 1
        for sentence in sentences:
            whole, most = columns(sentence.strip()), 0
            for one in usable:
                width = max((phrase.width(sentence) for phrase in one.phrases), default=0)
                most = max(most, width)
                if width:
                    signs.add(f"@{one.rule.id}")
                if width and one.rule.options.get("state"):
                    scores[one.rule.id] = scores.get(one.rule.id, 0) + (_AT_BEGINNING if at <= 2 else _BELOW)
                    by_id[one.rule.id] = one.rule
            explained += min(whole, 3 * most + 20) if most else 0
    if fifths := _FIFTHS * explained // max(1, read.size):
        signs.add(f"@explained {fifths}")
    if not scores:
        return _Said(None, is_whole=False, signs=frozenset(signs))
    best = by_id[max(scores, key=lambda key: scores[key])]  # of equals the first, as the files have them
    return _Said(best, _is_whole(read, explained, headed=headed), frozenset(signs))


def _is_whole(read: _Read, explained: int, *, headed: bool) -> bool:
    """Whether a notice's words are what the text has to say, and not something that it speaks of."""
    size = read.size
    rest = size - explained
    share = explained / size if size else 1.0
    if read.shown.is_article:
        return size <= 700 and share >= 0.7
    if headed:
        return rest <= 70 or (size <= 1600 and share >= 0.7)
    return (size <= 300 and share >= 0.6) or (size <= 800 and share >= 0.75)


# Texts that another tool made of a page.


# A link or an image of Markdown, its text in the group. Classes that end at the bracket: linear.
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s\"[^\"]*\")?\)")
_RULE = re.compile(r"[-=*_\s|:]+")


def shown_by(view: View) -> ShownText:
    """Return what a text shows: its title, its lines, and which of them are headings or nothing but links."""
    title = view.front.get("title")
    lines: list[ShownLine] = []
    for index in view.opening:
        raw = view.lines[index].strip()
        if _RULE.fullmatch(raw):
            if lines and raw[0] in "-=" and index and view.lines[index - 1].strip():
                lines[-1] = lines[-1]._replace(heading=True)
            continue
        linked = not _LINK.sub("", raw).strip("*-+>[]() ")
        text = _LINK.sub(r"\1", raw).lstrip("#>*+ ").rstrip("#* ").replace("\\", "")
        if text:
            lines.append(ShownLine(text, raw.startswith("#"), linked))
    again = 0
    while length := title_length([line.text for line in lines[again:]], title):
        again += length
    return ShownText(title, lines, again=again)


def detect_notice(view: View, ruleset: Ruleset) -> StageResult:
    """Tell a text that is a notice as a whole."""
    return _detected(view, ruleset, by_phrases=True)


def detect_wall(view: View, ruleset: Ruleset) -> StageResult:
    """Tell a WeChat text that is a wall in a form that only other tools give it, or a wall on the way to WeChat."""
    return _detected(view, ruleset, by_phrases=False)


def _detected(view: View, ruleset: Ruleset, *, by_phrases: bool) -> StageResult:
    if len(view.text) > 4 * LONGEST or len(view.opening) >= OPENING:
        return StageResult()
    found = find_notice(shown_by(view), {}, ruleset, by_phrases=by_phrases)
    if found is None:
        return StageResult()
    return StageResult([Edit(0, len(view.text), "", found.rule.id)], {}, found.state, found.text)

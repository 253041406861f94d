"""Every number that decides what matches what, with its reason. The edit cases in tests/diff/cases hold them."""

__all__ = [
    "ALONE",
    "BETTER",
    "LARGEST_TABLE",
    "LONGEST_PAIRED",
    "MOST_COMPARED",
    "MOST_MOVED",
    "MOVED",
    "MOVED_LENGTH",
    "NEIGHBOUR",
    "NEIGHBOURS",
    "SIMILAR",
    "WHOLE",
]

SIMILAR = 0.5
"""Share of words in common from which two blocks between the same neighbours are one that was edited. Unrelated Chinese
paragraphs have 0.10 to 0.33 in common, edited ones seldom less than 0.55."""

ALONE = 0.35
"""The same where nothing else can be meant: one block on each side between the same neighbours. A short sentence in
traditional characters has 0.38 in common with itself in simplified ones."""

MOVED = 0.6
"""The same for a block that stands elsewhere: nothing around it supports the match, so more is asked."""

MOVED_LENGTH = 12
"""Characters below which nothing is said to have moved: 取消 or a lone number stands in many places."""

MOST_MOVED = 100
"""Unmatched blocks on a side above which edited ones are not searched elsewhere: such a text was rewritten."""

NEIGHBOUR = 0.7
"""Share of a neighbour's words that it must add to a match, for a block to be split or merged with it."""

NEIGHBOURS = 4
"""Parts that a block is split into, or merged from, at most."""

WHOLE = 0.6
"""Changed share above which before and after are shown one after the other: marks in between would not be read."""

BETTER = 0.5
"""Share of changed tokens that marks across sentences must save by, where sentences were split, merged or broken into
lines; otherwise sentences are put side by side."""

MOST_COMPARED = 40_000
"""Pairs of blocks, or of sentences, that are compared between two exact matches. Where all pairs are more, each is
compared with those near its own relative place, so that time grows with the length and not with its square."""

LONGEST_PAIRED = 2_000
"""Words above which similarity is counted by pairs of neighbouring words instead of by the longest common sequence."""

LARGEST_TABLE = 100_000_000
"""Cells, a bit each, of a table of the longest common sequence: 12 megabytes. Above it, only what is unique on
both sides is matched, and what lies between."""

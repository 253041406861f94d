"""How the blocks of CommonMark announce themselves at the start of a line.

Every pattern is matched at the first character of a line that is not white space, and looks at one line only.
"""

import re

__all__ = [
    "BULLETS_OF_NOTHING", "FENCE", "FENCE_END", "HEADING", "HEADING_END", "HTML_STARTS", "HTML_TAG_ALONE",
    "ITEM", "RULE", "UNDERLINE",
]  # fmt: skip

# The fence of a code block. A back tick may not follow back ticks on the line: ```` ```x``` ```` is a code
# span. The run is possessive, so what follows is tried once, behind all of it.
FENCE = re.compile(r"`{3,}+(?!.*`)|~{3,}+")
# A closing fence: fence characters and white space only, in that order; the two classes share no character.
FENCE_END = re.compile(r"(`{3,}|~{3,})[ \t]*$")
# One to six number signs and white space open a heading; a counted run cannot be read two ways.
HEADING = re.compile(r"#{1,6}(?:[ \t]+|$)")
# The number signs that may close a heading. Matched on the reversed text, where it starts at once, so that a
# heading of many spaces is not searched again from each of them.
HEADING_END = re.compile(r"[ \t]*+#++(?:[ \t]++|$)")
# The line under a paragraph that makes it a heading: one character repeated, then white space; no overlap.
UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*$")
# A thematic break: three or more of one character, white space between. Each turn takes exactly one mark and
# then white space, which is no mark, so a line is read in one way.
RULE = re.compile(r"(?:\*[ \t]*){3,}$|(?:-[ \t]*){3,}$|(?:_[ \t]*){3,}$")
# Asterisks in pairs, perhaps behind a list bullet: not a break that an author drew but what <strong></strong>
# leaves when nothing stands in it. Each turn takes two asterisks and then white space; at most eight
# asterisks, so the work is bounded.
BULLETS_OF_NOTHING = re.compile(r"(?:\*[ \t]+)?((?:\*\*[ \t]*){1,4})$")
# A list bullet or number; white space or the end of the line must follow.
ITEM = re.compile(r"([-+*]|(\d{1,9})[.)])(?=[ \t]|$)")

# The tags that open an HTML block which lasts until a blank line (CommonMark, HTML block 6).
BLOCK_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|"
    "fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|"
    "menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul"
)
# HTML blocks 1 to 6: what opens each, and what ends it, both on one line. Openings are fixed words; ends are
# searched for, and are fixed words too.
HTML_STARTS = (
    (
        re.compile(r"<(?:script|pre|style|textarea)(?=[\s>]|$)", re.IGNORECASE),
        re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE),
    ),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<![A-Za-z]"), re.compile(r">")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(rf"</?(?:{BLOCK_TAGS})(?=\s|/?>|$)", re.IGNORECASE), None),
)
# HTML block 7: one complete tag alone on its line. Each attribute starts with white space and a letter, and
# its value ends at the first character that its opening quote allows, so no stretch of the tag can be read as
# two different attributes.
ATTRIBUTE = r"""\s+[A-Za-z_:][\w.:-]*+(?:\s*=\s*(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?"""
HTML_TAG_ALONE = re.compile(rf"(?:<[A-Za-z][A-Za-z0-9-]*+(?:{ATTRIBUTE})*+\s*/?>|</[A-Za-z][A-Za-z0-9-]*+\s*>)\s*$")

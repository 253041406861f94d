"""The language of a code block: from class names and attributes of the block, its code, the boxes around it."""

import re
from itertools import islice

from lxml.etree import _Element

__all__ = ["KNOWN", "language"]

# A class name that tells the language; the name of the language is bounded.
LANGUAGE = re.compile(r"(?:^|\s)(?:language-|lang-|lang_|highlight-source-|highlight-|brush:\s*)([\w+#.-]{1,30})", re.I)
# On a box around, `lang-` may speak of the language that people speak.
AROUND = re.compile(r"(?:^|\s)(?:language-|highlight-source-|highlight-|brush:\s*)([\w+#.-]{1,30})", re.I)
NAMES = re.compile(r"(?:^|\s)(?:hljs|hl|sourceCode|highlight|prettyprint|syntaxhighlighter)\s+([\w+#-]{1,30})(?=\s|$)")
NAME = re.compile(r"[\w+#.-]{1,30}")
ATTRIBUTES = ("data-lang", "data-language", "data-code-language")

NOT_A_LANGUAGE = frozenset(
    (
        "none", "text", "plaintext", "plain", "txt", "nohighlight", "no-highlight", "highlight", "default", "auto",
        "wrap", "language", "lang", "linenums", "code-snippet__js", "highlighter-rouge", "table", "notranslate",
        "numbersource", "numberlines", "hljs", "prettyprinted", "nogutter", "block", "inline", "en", "en-us", "zh",
        "zh-cn", "ja", "de", "fr", "es", "ru", "ko",
    )
)  # fmt: skip

KNOWN = frozenset(
    (
        "bash", "c", "c#", "c++", "clojure", "cmake", "cpp", "csharp", "css", "csv", "dart", "diff", "docker",
        "dockerfile", "elixir", "erlang", "fortran", "go", "graphql", "groovy", "haskell", "html", "http", "ini",
        "java", "javascript", "js", "json", "jsonc", "jsx", "julia", "kotlin", "latex", "lean", "less", "lisp", "lua",
        "makefile", "markdown", "matlab", "mermaid", "nginx", "nix", "ocaml", "perl", "php", "plaintext", "powershell",
        "prisma", "protobuf", "python", "r", "ruby", "rust", "sass", "scala", "scss", "sh", "shell", "solidity", "sql",
        "svelte", "swift", "text", "toml", "ts", "tsx", "typescript", "vim", "vue", "xml", "yaml", "yml", "zig", "zsh",
    )
)  # fmt: skip
"""Names that a bar above a code block shows; anything else there might be a part of the code."""


def language(pre: _Element) -> str:
    """Return the language of a code block, or nothing."""
    inner = list(islice(pre.iterdescendants("code"), 2))  # the first may be that of the line numbers
    around = [node for node, _ in zip(pre.iterancestors(), range(4), strict=False)]
    for node in (pre, *inner, *around):
        for name in ATTRIBUTES:
            given = (node.get(name) or "").strip()
            if given and NAME.fullmatch(given) and not (node in around and given.lower() in NOT_A_LANGUAGE):
                return "" if given.lower() in NOT_A_LANGUAGE else given
        names = (node.get("class") or "")[:500]
        if not names:
            continue
        classes = AROUND if node in around else LANGUAGE
        for found in (*classes.finditer(names), *NAMES.finditer(names)):
            if found[1].lower() not in NOT_A_LANGUAGE:
                return found[1]
    return ""

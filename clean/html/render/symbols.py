r"""Mathematical characters and their names in LaTeX, as `unicode-math` and KaTeX have them."""

__all__ = ["ACCENTS", "FUNCTIONS", "LARGE", "SPECIAL", "SYMBOLS"]

SPECIAL = {"{": r"\{", "}": r"\}", "%": r"\%", "$": r"\$", "#": r"\#", "&": r"\&", "_": r"\_", "\\": r"\backslash"}

FUNCTIONS = frozenset(
    (
        "arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg", "det", "dim", "exp", "gcd",
        "hom", "inf", "ker", "lg", "lim", "liminf", "limsup", "ln", "log", "max", "min", "Pr", "sec", "sin", "sinh",
        "sup", "tan", "tanh",
    )
)  # fmt: skip

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega",
    "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon",
    "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "ϵ": "epsilon", "ϑ": "vartheta", "ϕ": "phi", "ϱ": "varrho",
    "ς": "varsigma", "ϖ": "varpi",
}  # fmt: skip

NAMES = {
    "∑": "sum", "∏": "prod", "∐": "coprod", "∫": "int", "∬": "iint", "∭": "iiint", "∮": "oint", "⋃": "bigcup",
    "⋂": "bigcap", "⨁": "bigoplus", "⨂": "bigotimes", "⋁": "bigvee", "⋀": "bigwedge", "±": "pm", "∓": "mp",
    "×": "times", "÷": "div", "⋅": "cdot", "·": "cdot", "∘": "circ", "∗": "ast", "⊕": "oplus", "⊗": "otimes",
    "≤": "leq", "≥": "geq", "≠": "neq", "≈": "approx", "≡": "equiv", "∼": "sim", "≃": "simeq", "≅": "cong",
    "∝": "propto", "≪": "ll", "≫": "gg", "∈": "in", "∉": "notin", "∋": "ni", "⊂": "subset", "⊃": "supset",
    "⊆": "subseteq", "⊇": "supseteq", "∪": "cup", "∩": "cap", "∖": "setminus", "∅": "emptyset", "∀": "forall",
    "∃": "exists", "¬": "neg", "∧": "wedge", "∨": "vee", "⊢": "vdash", "⊨": "models", "⊥": "perp", "∥": "parallel",
    "∣": "mid", "→": "to", "←": "leftarrow", "↔": "leftrightarrow", "⇒": "Rightarrow", "⇐": "Leftarrow",
    "⇔": "Leftrightarrow", "⟹": "implies", "⟺": "iff", "↦": "mapsto", "↑": "uparrow", "↓": "downarrow",
    "∞": "infty", "∂": "partial", "∇": "nabla", "√": "surd", "∠": "angle", "△": "triangle", "ℏ": "hbar", "ℓ": "ell",
    "ℜ": "Re", "ℑ": "Im", "ℵ": "aleph", "…": "ldots", "⋯": "cdots", "⋮": "vdots", "⋱": "ddots", "⟨": "langle",
    "⟩": "rangle", "⌈": "lceil", "⌉": "rceil", "⌊": "lfloor", "⌋": "rfloor", "‖": "Vert", "°": "degree",
    "†": "dagger", "⊤": "top",
}  # fmt: skip

DOUBLE = dict(zip("ℂℕℙℚℝℤ", "CNPQRZ", strict=True))

SYMBOLS = {
    **{char: "\\" + name for char, name in (*GREEK.items(), *NAMES.items())},
    **{char: rf"\mathbb{{{letter}}}" for char, letter in DOUBLE.items()},
    "−": "-", "′": "'", "″": "''", "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\u200b": "",
}  # fmt: skip
"""Invisible operators (applied to, times, comma, plus) leave nothing."""

LARGE = frozenset(
    (
        r"\sum", r"\prod", r"\coprod", r"\int", r"\iint", r"\iiint", r"\oint", r"\bigcup", r"\bigcap", r"\bigoplus",
        r"\bigotimes", r"\bigvee", r"\bigwedge", r"\lim", r"\max", r"\min", r"\sup", r"\inf", r"\liminf", r"\limsup",
    )
)  # fmt: skip
"""What stands below and above these are limits."""

ACCENTS = {
    "^": r"\hat", "ˆ": r"\hat", "~": r"\tilde", "˜": r"\tilde", "¯": r"\overline", "‾": r"\overline", "_": r"\overline",
    r"\_": r"\overline", r"\to": r"\vec", "⃗": r"\vec", "˙": r"\dot", "¨": r"\ddot", "ˇ": r"\check", "˘": r"\breve",
    "⏞": r"\overbrace", "´": r"\acute", "`": r"\grave",
}  # fmt: skip

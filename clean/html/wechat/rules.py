"""The rules for pages, `clean/rules/wechat-pages.toml`, read once."""

from functools import cache
from importlib.resources import files

from clean.rules import Rule, Ruleset, load

__all__ = ["CHROME", "STATE", "page_rules", "rules_of"]

STATE, CHROME = "page-state", "page-chrome"
_FILE = "wechat-pages.toml"


@cache
def page_rules() -> Ruleset:
    """Return the rules that come with this software."""
    text = (files("clean") / "rules" / _FILE).read_text(encoding="utf-8")
    return load([(_FILE, text)], extend=False)


def rules_of(stage: str, ruleset: Ruleset | None = None) -> tuple[Rule, ...]:
    """Return the rules of one stage, of the ruleset that is given or of the built-in one."""
    return (ruleset or page_rules()).of(stage, "wechat")

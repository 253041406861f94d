"""What README and docs say is run: commands, options, rules, code."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from clean.rules import built_in, load
from clean.trial import trials
from xuanzhi import words
from xuanzhi.cli.archive.main import build_parser as archive_parser
from xuanzhi.cli.capture import build_parser as capture_parser
from xuanzhi.cli.clean import build_parser as clean_parser
from xuanzhi.output.exits import Exit
from xuanzhi.words import WORDS

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").glob("*.md"))]

# A fenced block of a document: its language and its text. The body is taken lazily, up to the first closing fence.
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# An option as it stands in a text.
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def blocks(language: str) -> list[object]:
    return [
        pytest.param(text, id=f"{document.name}-{number}")
        for document in DOCUMENTS
        for number, (kind, text) in enumerate(BLOCK.findall(document.read_text("utf-8")))
        if kind == language
    ]


@pytest.mark.parametrize("text", blocks("toml"))
def test_rules_in_the_documents_are_good(text: str) -> None:
    ruleset = load([("document.toml", text)])
    for rule in ruleset.rules:
        if rule.place.startswith("document.toml"):
            assert list(trials(rule, ruleset)) == [None] * (len(rule.examples) + len(rule.counter_examples))


@pytest.mark.parametrize("text", blocks("python"))
def test_code_in_the_documents_runs(text: str) -> None:
    subprocess.run([sys.executable, "-c", text], check=True, cwd=ROOT)


@pytest.mark.parametrize("text", blocks("json"))
def test_json_in_the_documents_is_json(text: str) -> None:
    for line in text.splitlines() if text.startswith("{") else ["{" + text + "}"]:
        json.loads(line)


def with_console() -> list[object]:
    return [
        pytest.param("".join(shown), id=document.name)
        for document in DOCUMENTS
        if (shown := [text for kind, text in BLOCK.findall(document.read_text("utf-8")) if kind == "console"])
    ]


@pytest.mark.parametrize("text", with_console())
def test_what_the_documents_show_is_what_is_printed(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of one document are run one after the other in one folder, as its reader would."""
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    environment = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    for block in f"\n{text}".split("\n$ ")[1:]:
        first, *shown = block.splitlines()
        command = [sys.executable, "-m", "xuanzhi", *shlex.split(first)]
        done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path, env=environment)
        printed = done.stdout.decode().splitlines()
        assert [line for line in shown if line != "…" and line not in printed] == []


def options_of(parser: ArgumentParser) -> Iterator[str]:
    """Yield the options of a parser and of all parts of it."""
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, _SubParsersAction):
            for part in action.choices.values():
                yield from options_of(part)


def test_options_in_the_documents_exist() -> None:
    known = set()
    for parser in (clean_parser(), archive_parser(), capture_parser()):
        known |= set(options_of(parser))
    known |= {"--check"}  # ruff format's
    for document in DOCUMENTS:
        assert set(OPTION.findall(document.read_text("utf-8"))) <= known, document.name


def test_every_option_is_in_the_readme_or_in_the_help() -> None:
    for parser in (clean_parser(), capture_parser()):
        shown = parser.format_help()
        for action in parser._actions:
            assert all(name in shown for name in action.option_strings)


def test_exit_codes_in_the_readmes() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text("utf-8")
        assert [f"| {code.value} |" in text for code in Exit] == [True] * len(Exit)


def test_links_between_the_documents_lead_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([\w./-]+\.md)\)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_both_languages_have_the_same_placeholders() -> None:
    placeholder = re.compile(r"\{(\w+)")
    for key, (english, chinese) in WORDS.items():
        if not key.startswith("help."):
            assert set(placeholder.findall(english)) == set(placeholder.findall(chinese)), key
        assert english.strip()
        assert chinese.strip()


def test_no_table_of_words_hides_a_word_of_another() -> None:
    tables = [import_module(f"xuanzhi.words.{each.name}").WORDS for each in iter_modules(words.__path__)]
    assert sum(map(len, tables)) == len(WORDS)


def test_every_built_in_rule_has_its_reason_in_both_languages() -> None:
    for rule in built_in().rules:
        assert any("\u4e00" <= character <= "\u9fff" for character in rule.reason_zh), rule.id


def test_every_word_is_used() -> None:
    code = "\n".join(
        path.read_text("utf-8")
        for path in (ROOT / "xuanzhi").rglob("*")
        if path.suffix in {".py", ".html"} and path.parent.name != "words"
    )
    families = (
        "capture.",
        "block.",
        "diff.",
        "html.",
        "kind.",
        "version.",
        "progress.",
        "fetch.",
        "explain.",
        "export.",
        "error.",
        "warning.",
        "state.",
        "help.",
        "review.change.",
        "review.did.",
        "review.how.",
        "review.image.",
        "review.key.",
        "review.kind.",
        "review.node.",
        "review.order.",
        "review.propose.",
        "review.reason.",
        "review.risk.",
        "review.state.",
        "review.view.",
        "review.wrong.",
        "rules.",
        "list.",
        "show.",
        "stats.",
        "init.",
        "import.",
        "result.",
        "summary.",
        "reclean.",
        "reindex.",
        "verify.",
        "learn.",
        "review.learned.state.",
        "review.learned.did.",
        "proposals.",
        "doubt.",
        "zone.",
        "decide.",
        "health.",
        "outcome.",
        "event.",
        "schedule.",
        "report.",
    )
    for key in WORDS:
        stem = key.removesuffix(".hint")
        used = any(f"{quote}{name}{quote}" in code for name in (key, stem) for quote in "\"'")
        assert used or stem.startswith(families), key

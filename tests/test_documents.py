"""What README and docs say is run: commands, options, rules, code."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.maintenance import check, check_texts
from archive.settings import parse
from clean.rules import load_rules
from clean.trial import try_examples
from xuanzhi.cli.archive.main import build_parser as archive_parser
from xuanzhi.cli.capture import build_parser as capture_parser
from xuanzhi.cli.clean import build_parser as clean_parser
from xuanzhi.cli.main import main
from xuanzhi.output.exits import Exit

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


@pytest.mark.slow
@pytest.mark.parametrize("text", blocks("toml"))
def test_rules_and_settings_in_the_documents_are_good(text: str) -> None:
    if "[[rule]]" not in text:
        parse(f'name = "collection"\n{text}', Path("collection.toml"))
        return
    ruleset = load_rules([("document.toml", text)])
    for rule in ruleset.rules:
        if rule.place.startswith("document.toml"):
            assert list(try_examples(rule, ruleset)) == [None] * (len(rule.examples) + len(rule.counter_examples))


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("text", with_console())
def test_what_the_documents_show_is_what_is_printed(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The commands of one document are run one after the other in one folder, as its reader would."""
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "XUANZHI_LANGUAGE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    for block in f"\n{text}".split("\n$ ")[1:]:
        first, *shown = block.splitlines()
        try:
            code = main(shlex.split(first))
        except SystemExit as end:  # how the parser ends
            code = int(end.code or 0)
        assert code == 0, first
        printed = capfd.readouterr().out.splitlines()
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


def test_files_that_the_documents_name_are_there() -> None:
    for document in DOCUMENTS:
        for path in re.findall(
            r"`((?:archive|capture|clean|xuanzhi|benchmarks|tests|tools)/[\w./-]+)`", document.read_text("utf-8")
        ):
            if "LANGUAGE" not in path:  # stands for the name of one
                assert (ROOT / path).exists(), f"{document.name}: {path}"


def test_every_code_of_a_finding_is_documented() -> None:
    text = (ROOT / "docs" / "trust.md").read_text("utf-8")
    for module in (check, check_texts):
        for line in (module.__doc__ or "").splitlines():
            if line.startswith("| `"):
                for code in re.findall(r"`([a-z-]+)`", line.split("|")[1]):
                    assert f"`{code}`" in text, code

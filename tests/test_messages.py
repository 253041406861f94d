"""Every message is in the catalogue, translated, with the same placeholders; the compiled catalogue is its own."""

import os
import re
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from clean.rules import built_in
from xuanzhi.cli.archive.main import PARTS
from xuanzhi.cli.main import main
from xuanzhi.messages import N_, N_plural, _, in_language, language, ngettext, pgettext

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import messages  # noqa: E402  # found in `tools`

CATALOGUES = messages.catalogues()
CHINESE = re.compile("[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"\{(\w*)[^{}]*\}")

Key = tuple[str, str | tuple[str, ...]]
"""Context and English of a message."""


def key(message: Message) -> Key:
    return message.context or "", message.id


@pytest.fixture(scope="module")
def in_the_code() -> set[Key]:
    return {key(message) for message in messages.extracted() if message.id}


def of(path: Path) -> dict[Key, Message]:
    return {key(message): message for message in messages.read(path) if message.id}


@pytest.fixture(params=CATALOGUES, ids=lambda path: path.parts[-3])
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_there_is_a_catalogue_of_each_language_but_english() -> None:
    assert [path.parts[-3] for path in CATALOGUES] == ["zh_CN"]


@pytest.mark.slow
def test_no_message_is_missing_and_none_is_stale(path: Path, in_the_code: set[Key]) -> None:
    known = set(of(path))
    assert in_the_code - known == set(), "missing: run `python tools/messages.py update`, translate, and compile"
    assert known - in_the_code == set(), "no code says this any more: run `python tools/messages.py update`"
    assert not messages.read(path).obsolete


def test_every_message_is_translated_and_none_is_in_doubt(path: Path) -> None:
    for english, message in of(path).items():
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        assert all(text.strip() for text in texts), english
        assert not message.fuzzy, english


def test_translations_have_the_placeholders_of_the_english(path: Path) -> None:
    for (_context, english), message in of(path).items():
        texts = (english,) if isinstance(english, str) else english
        translated = message.string if isinstance(message.string, tuple | list) else (message.string,)
        # a singular may leave out its number: "its only record is not a page"
        wanted = set(PLACEHOLDER.findall(texts[-1]))
        assert set(PLACEHOLDER.findall(texts[0])) | {"count"} == wanted | {"count"}, english
        assert all(set(PLACEHOLDER.findall(text)) == wanted for text in translated), english
        for text in (*texts, *translated):
            text.format(**dict.fromkeys(wanted, 1))


def test_white_space_at_the_ends_is_the_same(path: Path) -> None:
    for (_context, english), message in of(path).items():
        if isinstance(english, str) and english != ", ":
            assert english.startswith("\n") == message.string.startswith("\n"), english
            assert english.endswith("\n") == message.string.endswith("\n"), english


def test_chinese_has_chinese_characters() -> None:
    ours = {"Markdown", "MB", "SHA-256", "TOML", "UTC", "B"}
    for (_context, english), message in of(ROOT / "xuanzhi/locale/zh_CN/LC_MESSAGES/xuanzhi.po").items():
        text = message.string if isinstance(message.string, str) else message.string[0]
        letters = re.sub(r"\{[^}]*\}|`[^`]*`|\W|\d", "", text)
        assert CHINESE.search(text) or english in ours or not letters or "pip install" in text, english


def test_the_compiled_catalogue_is_what_babel_makes_of_the_source(path: Path) -> None:
    compiled = path.with_suffix(".mo").read_bytes()
    assert compiled == messages.compiled(messages.read(path)), "run `python tools/messages.py compile`"


def test_the_compiled_catalogue_is_in_the_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "locale/*/LC_MESSAGES/*.mo" in settings["tool"]["setuptools"]["package-data"]["xuanzhi"]


def test_every_built_in_rule_has_its_reason_in_both_languages() -> None:
    for rule in built_in().rules:
        assert CHINESE.search(rule.reason_zh), rule.id


COMMANDS = [
    "",
    "clean",
    "capture",
    "archive",
    *(f"archive {part}" for part in PARTS),
    *(f"archive review {name}" for name in ("list", "show", "accept", "reject", "needs-work", "undo")),
    *(
        f"archive rules {name}"
        for name in ("list", "check", "explain", "try", "learn", "proposals", "approve", "reject", "health")
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_chinese_in_chinese(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XUANZHI_LANGUAGE", "zh")
    monkeypatch.setenv("COLUMNS", "200")
    with suppress(SystemExit):  # how the parsers end
        assert main([*command.split(), "--help"]) == 0
    text = capsys.readouterr().out
    ours = [line for line in text.splitlines() if re.match(r"  (-|\w)\S*.*\S {2,}\S", line) and "--help" not in line]
    for line in ours:
        assert CHINESE.search(line), line
    assert CHINESE.search(text)


@pytest.mark.parametrize("name", ["XUANZHI_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"])
def test_each_of_the_variables_chooses_the_language(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in ("XUANZHI_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(each, raising=False)
    assert language() == "en"
    monkeypatch.setenv(name, "zh_CN.UTF-8")
    assert language() == "zh"
    assert _("hint") == "提示"


def test_a_language_holds_within_its_block_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUANZHI_LANGUAGE", "en")
    with in_language("zh"):
        assert _("error") == "错误"
        with in_language("en"):
            assert _("error") == "error"
        assert pgettext("cleaning", "removed") == "移除"
        assert ngettext("{count:,} page", "{count:,} pages", 1200) == "1,200 个网页"
    assert _("error") == "error"


def test_numbers_have_their_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUANZHI_LANGUAGE", "en")
    texts = N_plural("{count:,} page", "{count:,} pages")
    assert [ngettext(*texts, count) for count in (0, 1, 2)] == ["0 pages", "1 page", "2 pages"]


def test_a_message_without_details_keeps_its_braces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUANZHI_LANGUAGE", "en")
    assert _(N_("{this} stays")) == "{this} stays"
    assert _("") == ""


def test_english_loads_no_catalogue() -> None:
    code = "import sys; from xuanzhi.messages import _; _('error'); print('gettext' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XUANZHI_LANGUAGE": "en"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    assert done.stdout.decode().strip() == "False"

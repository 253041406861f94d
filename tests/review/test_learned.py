"""Learned rules in the page: what they would take is shown, then a person decides, and can decide otherwise."""

import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
import visitor
from a_source import ACCOUNT, TAIL, letter, sentence
from letters import ROOT, keep

from archive.collection.collection import Collection
from archive.ingest.prepared import Visit
from clean.rules import parse_rules
from xuanzhi.cli.main import main

pytestmark = pytest.mark.slow

pytest.importorskip("starlette", reason="pip install '.[review]'")

PNG = b"\x89PNG\r\n\x1a\n" + b"a code to be scanned" * 9
PAGE = f"/learned/source?scope={ACCOUNT}"


def rules(path: Path) -> dict[str, tuple[str, str, dict[str, str]]]:
    """Return tier, state and decision of each rule of the one file, by its id."""
    (file,) = (path / "rules" / "learned").iterdir()
    found = parse_rules("file", file.read_text("utf-8"))
    return {rule.id: (rule.options["tier"], rule.options["state"], rule.options["decision"]) for rule in found}


def ticked(page: str) -> set[str]:
    return set(re.findall(r'name="rule ([^"]+)" value="yes" form="decide" checked', page))


def form(page: str) -> dict[str, str]:
    """Return what the form sends as it stands."""
    hidden = dict(re.findall(r'type="hidden" name="(scope|seen)" value="([^"]*)"', page))
    return {**hidden, **{f"rule {rule}": "yes" for rule in ticked(page)}}


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_sources_are_listed_with_what_there_is_to_decide(proposed: Path, opened: Callable) -> None:
    page = opened(proposed).get("/learned").text
    assert "纸上谈书 24 1 2" in words_of(page)
    assert "纸的网站 10 no rules" in words_of(page)
    assert f'href="{ROOT}{PAGE.replace(":", "%3A").replace("==", "%3D%3D")}"' in page


def test_proposals_are_shown_on_real_pages_with_tier_a_ticked(proposed: Path, opened: Callable) -> None:
    page = opened(proposed).get(PAGE).text
    assert [rules(proposed)[rule][0] for rule in ticked(page)] == ["A"]
    effect = "lines removed: 120 on 24 pages, 18.0 percent of all text; pages with too little left, kept as they are: 0"
    assert effect in words_of(page)
    for line in TAIL:
        assert f'<del><span class="hidden">would be removed: </span>{line}</del>' in page
    assert "oldest page: 第0封信 2025-01-01" in words_of(page)
    assert "note titles of other articles are removed with it" in words_of(page)


def test_what_others_would_do_is_worked_out_before_anything_is_decided(proposed: Path, opened: Callable) -> None:
    client = opened(proposed)
    before = rules(proposed)
    fields = form(client.get(PAGE).text) | {f"rule {rule}": "yes" for rule in before}
    page = client.send_form("/learned/source", action="look", note="三条", **fields).text
    assert ticked(page) == before.keys()
    assert "proposals (3) lines removed: 264 on 24 pages" in words_of(page)
    assert ">三条</textarea>" in page
    assert rules(proposed) == before


def test_the_ticked_ones_are_approved_and_apply_and_can_be_taken_back(proposed: Path, opened: Callable) -> None:
    client = opened(proposed)
    fields = form(client.get(PAGE).text)
    page = client.send_form("/learned/source", action="approve", note="看过三页", **fields).text
    assert "Approved 1 rule." in page
    assert "<code>archive reclean --source &#39;纸上谈书&#39; --dry-run --diff</code>" in page
    (rule,) = [name for name, (tier, *_) in rules(proposed).items() if tier == "A"]
    assert rules(proposed)[rule] == ("A", "approved", {"by": "林书", "on": "2026-11-22", "note": "看过三页"})
    assert [state for _, state, _ in rules(proposed).values()].count("proposed") == 2
    assert "看过三页" in page
    # At once it is among the rules in use.
    assert f'<h1 class="rule-name">{rule}</h1>' in client.get(f"/rules/{rule}").text
    taken = client.send_form("/learned/source", action="reject", **form(page) | {f"rule {rule}": "yes"}).text
    assert "Rejected 1 rule." in taken
    assert rules(proposed)[rule][1] == "rejected"
    assert client.get(f"/rules/{rule}").status_code == 404


def test_pages_that_would_keep_too_little_are_named_before_the_decision(proposed: Path, opened: Callable) -> None:
    front = letter(99).partition("\n---\n")[0]
    keep(proposed, "\n\n".join([f"{front}\n---", "短信一封。", *TAIL, ""]).encode())
    page = opened(proposed).get(PAGE).text
    assert "lines removed: 120 on 24 pages" in words_of(page)
    assert "1 with too little left, kept as they are" in words_of(page)
    names = re.findall(r"<summary>1 with too little left, kept as they are</summary>\s*<ul[^>]*>(.*?)</ul>", page)
    assert len(names) == 2  # of all that are ticked, and of the one
    assert all("<bdi>第99封信</bdi>" in each for each in names)


def test_what_was_learned_anew_meanwhile_is_looked_at_again(proposed: Path, opened: Callable) -> None:
    client = opened(proposed)
    fields = form(client.get(PAGE).text)
    other = next(rule for rule, (tier, *_) in rules(proposed).items() if tier == "B")
    assert main(("archive", "rules", "approve", other, "-q", "-c", str(proposed))) == 0
    before = rules(proposed)
    answer = client.send_form("/learned/source", action="approve", note="看过三页", **fields)
    assert answer.status_code == 409
    assert "The proposals changed since you looked at them" in answer.text
    assert ">看过三页</textarea>" in answer.text
    assert rules(proposed) == before


def test_nothing_ticked_decides_nothing(proposed: Path, opened: Callable) -> None:
    client = opened(proposed)
    fields = {name: value for name, value in form(client.get(PAGE).text).items() if not name.startswith("rule ")}
    before = rules(proposed)
    answer = client.send_form("/learned/source", action="approve", **fields)
    assert answer.status_code == 409
    assert "Nothing was ticked, so nothing was decided." in answer.text
    assert rules(proposed) == before


def test_of_a_large_source_some_pages_are_read_spread_over_its_time(
    proposed: Path, opened: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xuanzhi.review.request.MOST_PAGES", 7)
    page = words_of(opened(proposed).get(PAGE).text)
    assert "pages: 24 · based on 7 of them, spread over time" in page
    assert "lines removed: 35 on 7 pages" in page


def test_pictures_that_would_go_are_seen_where_the_collection_has_them(tmp_path: Path, opened: Callable) -> None:
    path, code = tmp_path / "c", "https://a.example/static/code-to-be-scanned.png"
    footer = f"\n\n![]({code})\n\n扫码关注我们的来信\n\n每周一封，从不间断\n\n写信给我们\n\n纸上谈书编辑部\n"
    came = f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {len(PNG)}\r\n\r\n".encode() + PNG
    seen = visitor.exchange(code, came, at=visitor.START + timedelta(minutes=1))
    visits = []
    for number in range(20):
        url, at = f"https://a.example/{number}", visitor.START + timedelta(hours=number)
        head = f"---\ntitle: 第{number}页\nurl: {url}\n---\n\n"
        text = head + "\n\n".join(sentence(Random(number * 10 + each)) for each in range(4)) + footer
        answer = visitor.exchange(url, visitor.html(f"<p>{number}"), at=at)
        page = visitor.page(url, answer, requisites=() if number else (seen,))
        visits.append(Visit(url, page, visitor.cleaned(text, url=url, title=f"第{number}页")))
    with Collection.open(path) as collection:
        collection.keep(visits)
    assert main(("archive", "rules", "learn", "-q", "-c", str(path))) == 0
    page = opened(path).get("/learned/source?scope=host:a.example").text
    assert (
        f'</del><img src="{ROOT}/picture/{sha256(PNG).hexdigest()}" alt="would be removed" loading="lazy"></p>' in page
    )


def test_no_such_source_and_nothing_to_decide(proposed: Path, opened: Callable) -> None:
    assert opened(proposed).get("/learned/source?scope=host:nowhere.example").status_code == 404
    site = opened(proposed).get("/learned/source?scope=host:paper.example")
    assert "There is nothing to decide here." in site.text


def test_without_enough_pages_the_page_says_how_many_it_takes(collection: Path, opened: Callable) -> None:
    assert "No source has the 10 pages yet" in opened(collection).get("/learned").text


def test_a_broken_file_is_named_and_nothing_else_is_lost(proposed: Path, opened: Callable) -> None:
    client = opened(proposed)
    (file,) = (proposed / "rules" / "learned").iterdir()
    text = file.read_text("utf-8")
    file.write_text(text.replace('state = "proposed"', 'state = "maybe"', 1), "utf-8")
    answer = client.get(PAGE)
    assert answer.status_code == 503
    assert "the state &#39;maybe&#39; is not known in a learned rule" in answer.text
    file.write_text(text, "utf-8")
    assert client.get(PAGE).status_code == 200

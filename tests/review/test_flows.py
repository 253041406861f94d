"""What a reviewer does, in a browser without scripts: look, decide, take back, filter, accept a group."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from letters import ROOT, SECOND, keep, text

from archive.maintenance.rebuild import reindex

pytest.importorskip("starlette", reason="pip install '.[review]'")

from xuanzhi.review.queue import ReviewQueue

pytestmark = pytest.mark.slow

OPEN = re.compile(rf'<a class="open" href="{ROOT}/item/(\w+)[^"]*" data-item><bdi>([^<]*)</bdi>')
HIDDEN = re.compile(r'name="(seen|after)" value="([^"]*)"')


def titles(page: str) -> list[str]:
    return [title for _, title in OPEN.findall(page)]


def first_item(page: str) -> str:
    return str(OPEN.findall(page)[0][0])


def hidden(page: str) -> dict[str, str]:
    return dict(HIDDEN.findall(page))


def words_of(page: str) -> str:
    """Return what a reader sees, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_the_queue_begins_with_what_changed_and_groups_what_is_the_same(collection: Path, opened: Callable) -> None:
    page = opened(collection).get("/").text
    assert titles(page) == ["第1封信", "第3封信"]
    assert "Items: 4 · different changes: 2" in page
    assert "the same change in 3 items" in page
    assert '<span class="tag">text changed</span>' in page


def test_an_item_shows_every_change_as_ins_and_del_with_words(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    page = client.get(f"/item/{first_item(client.get('/').text)}").text
    assert (
        '绢保<del><span class="hidden">removed: </span>八</del><ins><span class="hidden">added: </span>五</ins>百'
        in page
    )
    assert '<del><span class="hidden">removed: </span>墨分五色，笔有四德，都要靠纸来承受。</del>' in page
    assert '<ins><span class="hidden">added: </span>作者补记：文中年份，承读者指正。</ins>' in page
    assert "扫码入群，领取资料" in page  # stands beside a change
    assert "paragraphs unchanged: 1" in page


def test_what_was_removed_is_struck_with_stage_rule_reason_and_line(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    page = client.get(f"/item/{first_item(client.get('/').text)}?view=removed").text
    assert '<del><span class="hidden">removed: </span>轻触阅读原文</del>' in page
    assert f'<a class="rule" href="{ROOT}/rules/wechat.tail.tap-to-read">wechat.tail.tap-to-read</a>' in page
    assert re.search(r"anchored-tail · line \d+", page)
    assert "This removal was wrong" in page
    chinese = opened(collection, language="zh-CN").get(f"/item/{first_item(client.get('/').text)}?view=removed").text
    assert "此处移除有误" in chinese


def test_every_view_has_the_text(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    item = first_item(client.get("/").text)
    for view in ("changes", "full", "removed", "rendered", "source"):
        assert "作者补记：文中年份，承读者指正。" in client.get(f"/item/{item}?view={view}").text


def test_a_decision_leads_to_the_next_item_and_can_be_taken_back(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    item = first_item(client.get("/").text)
    shown = client.get(f"/item/{item}").text
    after = client.send_form(f"/item/{item}", verdict="accepted", note="年份已核\r\n两处", **hidden(shown))
    assert "Accepted." in after.text
    assert f"/item/{item}/undo" in after.text
    assert titles(client.get("/").text) == ["第3封信"]
    done = client.get("/?state=accepted").text
    assert titles(done) == ["第1封信"]
    assert "林书" in done
    assert "年份已核\n两处" in client.get(f"/item/{item}").text
    back = client.send_form(f"/item/{item}/undo")
    assert "The decision was undone." in back.text
    assert titles(client.get("/").text) == ["第1封信", "第3封信"]
    log = (collection / "decisions.jsonl").read_text("utf-8").splitlines()
    assert len(log) == 2  # none is ever removed


def test_decisions_survive_a_restart_and_a_reindex(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    item = first_item(client.get("/").text)
    client.send_form(f"/item/{item}", verdict="rejected", note="", **hidden(client.get(f"/item/{item}").text))
    reindex(collection)
    (collection / "review.sqlite").unlink()
    again = opened(collection)
    assert first_item(again.get("/?state=rejected").text) == item


def test_a_decision_lapses_when_the_text_changes(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    item = first_item(client.get("/").text)
    client.send_form(f"/item/{item}", verdict="accepted", note="", **hidden(client.get(f"/item/{item}").text))
    keep(collection, text(1, SECOND.replace("五百", "六百"), day="2026-05-06"))
    page = client.get("/").text
    assert titles(page)[0] == "第1封信"
    assert first_item(page) != item


def test_two_reviewers_see_each_other_and_lose_nothing(collection: Path, opened: Callable) -> None:
    one, other = opened(collection, reviewer="林书"), opened(collection, reviewer="王纸")
    item = first_item(one.get("/").text)
    seen = hidden(other.get(f"/item/{item}").text)
    one.send_form(f"/item/{item}", verdict="rejected", note="正文少一段", **hidden(one.get(f"/item/{item}").text))
    refused = other.send_form(f"/item/{item}", verdict="accepted", note="看过了", **seen)
    assert refused.status_code == 409
    assert "林书 has decided in the meantime: rejected." in refused.text
    assert "看过了</textarea>" in refused.text
    assert "正文少一段" in refused.text
    kept = other.send_form(f"/item/{item}", verdict="accepted", note="看过了", **hidden(refused.text))
    assert kept.status_code == 200
    history = words_of(one.get(f"/item/{item}").text).partition("Decisions")[2]
    assert re.search(r"rejected 林书 .* 正文少一段 accepted 王纸 .* 看过了", history)


def test_what_is_decided_is_bound_to_what_was_seen(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    item = first_item(client.get("/").text)
    refused = client.send_form(f"/item/{item}", verdict="accepted", note="", seen="another", after="")
    assert refused.status_code == 409
    assert "What you saw is no longer current." in refused.text
    assert not (collection / "decisions.jsonl").exists()


def test_a_group_is_accepted_after_its_samples_were_looked_at(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    group = re.findall(rf'href="({ROOT}/group/\w+)"', client.get("/").text)[0]
    page = client.get(group).text
    boxes = re.findall(r'name="(seen-\w+)" value="yes" required', page)
    fingerprint = re.findall(r'name="group" value="(\w+)"', page)[0]
    assert len(boxes) == 3
    assert page.count("轻触阅读原文") == 3
    some = client.send_form(group, group=fingerprint, note="", **dict.fromkeys(boxes[:2], "yes"))
    assert some.status_code == 409
    assert "Look at all samples first" in some.text
    stale = client.send_form(group, group="0" * 64, note="", **dict.fromkeys(boxes, "yes"))
    assert "The group has changed." in stale.text
    done = client.send_form(group, group=fingerprint, note="模板一致", **dict.fromkeys(boxes, "yes"))
    assert "3 items accepted." in done.text
    assert titles(client.get("/").text) == ["第1封信"]
    assert client.get(group).status_code == 404


def test_filters_stand_in_the_address(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    expected = {
        "?kind=text": ["第1封信"],
        "?came=first": ["第3封信"],
        "?source=纸上谈书": ["第1封信", "第3封信"],
        "?source=别处": [],
        "?rule=wechat.tail.got-it": ["第1封信", "第3封信"],
        "?rule=none": [],
        "?share=99": [],
        "?since=2026-04-01": ["第1封信"],
        "?until=2026-03-31": ["第3封信"],
        "?reviewer=林书": [],
        "?order=title": ["第1封信", "第1封信"],
        "?state=nonsense&share=x&kind=<script>&page=0": ["第1封信", "第3封信"],
    }
    assert {query: titles(client.get("/" + query).text) for query in expected} == expected


def test_the_filter_is_kept_from_item_to_item(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    item = first_item(client.get("/?came=first&order=title").text)
    page = client.get(f"/item/{item}?came=first&order=title").text
    assert "1 of 3" in page
    after = client.send_form(f"/item/{item}?came=first&order=title", verdict="accepted", note="", **hidden(page))
    assert "1 of 2" in after.text
    assert "came=first" in str(after.url)


def test_facts_are_worked_out_once_and_again_when_their_file_is_gone_or_broken(
    collection: Path, opened: Callable
) -> None:
    before = opened(collection).get("/").text
    file = collection / "review.sqlite"
    file.write_bytes(b"no database at all" * 100)
    assert opened(collection).get("/").text == before
    file.unlink()
    assert opened(collection).get("/").text == before
    store = ReviewQueue(collection)
    store.complete()
    assert {item.id: item.facts for item in store.items()} == {
        item.id: item.facts for item in ReviewQueue(collection).items()
    }


def test_articles_are_searched_and_show_their_timeline(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    page = client.get("/articles", params={"q": "青檀"}).text
    assert "Articles: 1" in page
    assert "造纸先取<mark>青檀</mark>皮" in page
    link = re.findall(r'<td class="title"><a href="([^"]*)"', page)[0].replace("&amp;", "&")
    article = client.get(link).text
    words = words_of(article)
    assert "captures: 2 · versions: 2" in words
    assert re.search(r"2026-04-05 .* version 2 · the source changed .* 2026-03-04 .* version 1 · first text", words)
    versions = re.findall(r'<option value="(\w{64})"', article)
    key = re.findall(r'name="key" value="([^"]*)"', article)[0]
    compared = client.get("/compare", params={"key": key, "before": versions[1], "after": versions[0]}).text
    assert '<ins><span class="hidden">added: </span>八</ins>' in compared
    assert client.get("/article", params={"key": "nothing"}).status_code == 404
    assert client.get("/compare", params={"key": key, "before": "0000", "after": versions[0]}).status_code == 404


def test_statistics_and_rules(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    figures = words_of(client.get("/statistics").text)
    assert "Articles 3 Captures 4 Versions 4" in figures
    assert "2026-03 3 0 2026-04 1 0" in figures
    assert re.search(r"wechat\.tail\.got-it 4\b", figures)
    rule = words_of(client.get("/rules/wechat.tail.got-it").text)
    assert "The button of a hidden dialogue." in rule
    assert "Applied in 4 texts" in rule
    assert client.get("/rules/none").status_code == 404


def test_settings_live_in_the_browser(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    assert 'data-keys="on"' in client.get("/").text
    page = client.send_form("/settings", language="zh", reviewer="  王\t纸 ", keys="off", back="/rules").text
    assert '<html lang="zh-CN" data-keys="off">' in page
    assert "王 纸" in page
    assert str(client.send_form("/settings", back="//evil.example/").url).endswith("/settings")
    assert str(client.send_form("/settings", back="https://evil.example/").url).endswith("/settings")


def test_a_source_is_plain_text_in_no_origin(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    link = re.findall(rf'href="({ROOT}/source/\d+)"', client.get(f"/item/{first_item(client.get('/').text)}").text)[0]
    answer = client.get(link)
    assert answer.content == text(1, SECOND, day="2026-04-05")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert client.get("/source/999999").status_code == 404
    assert client.get("/picture/" + "0" * 64).status_code == 404


def test_what_is_not_there_is_said_so(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    for path in ("/item/none", "/nothing", "/group/none", "/item/none/wrong/1", "/item/none/propose"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "There is nothing at this address." in answer.text
    item = first_item(client.get("/").text)
    assert client.get(f"/item/{item}/wrong/99999").status_code == 404
    assert client.send_form(f"/item/{item}", verdict="burn", note="").status_code == 404
    assert client.send_form(f"/item/{item}", note="x" * 300_000).status_code == 413
    assert client.get(f"/item/{item}/undo").status_code == 405


def test_a_collection_that_went_away_is_told_of_in_words(collection: Path, opened: Callable) -> None:
    client = opened(collection, language="zh")
    (collection / "catalogue.sqlite").rename(collection / "elsewhere")
    answer = client.get("/")
    assert answer.status_code == 503
    assert "集合暂时无法使用" in answer.text
    assert "Traceback" not in answer.text


def test_a_mistake_of_ours_shows_no_traceback(
    collection: Path, opened: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: ReviewQueue) -> None:
        raise ZeroDivisionError("<script>")

    client = opened(collection)
    monkeypatch.setattr(ReviewQueue, "items", broken)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "internal error: ZeroDivisionError: &lt;script&gt;" in answer.text
    assert "Traceback" not in answer.text


def test_no_address_of_a_page_leaves_the_root(collection: Path, opened: Callable) -> None:
    client, seen, queue = opened(collection), set[str](), ["/"]
    while queue:
        path = queue.pop()
        page = client.get(path)
        if page.headers["Content-Type"].startswith("text/html"):
            found = re.findall(r' (?:href|src|action)="([^"]*)"', page.text)
            outside = {each for each in found if not each.startswith((f"{ROOT}/", "#", "https://"))}
            assert outside == set(), path
            links = {each.replace("&amp;", "&").partition("#")[0] for each in re.findall(r' href="([^"]*)"', page.text)}
            ours = {each for each in links if each.startswith(ROOT)} - seen
            seen |= ours
            queue += sorted(ours)
        assert page.status_code == 200, path
    kinds = {each.removeprefix(ROOT).partition("?")[0].split("/")[1] for each in seen}
    assert kinds >= {
        "item",
        "group",
        "article",
        "articles",
        "source",
        "rules",
        "learned",
        "settings",
        "statistics",
        "static",
    }


def test_another_server_of_this_machine_gives_no_name_to_decisions(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    client.cookies.set("xuanzhi-reviewer", "Mallory", domain="127.0.0.1", path="/")  # by the server at another port
    assert "Mallory" not in client.get("/").text
    answer = client.send_form("/settings", reviewer="王纸", language="en")
    mine = [each for each in answer.history[0].headers.get_list("Set-Cookie") if "reviewer" in each]
    assert len(mine) == 1
    assert f"; Path={ROOT}/;" in mine[0]  # so that no other server gets it
    item = first_item(client.get("/").text)
    client.send_form(f"/item/{item}", verdict="accepted", **hidden(client.get(f"/item/{item}").text))
    assert json.loads((collection / "decisions.jsonl").read_text("utf-8"))["reviewer"] == "王纸"

"""The page in Chromium: by keys alone, in both languages, read by axe, and shown hostile texts."""

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from a_source import ACCOUNT, letter
from letters import FIRST, ROOT, SECOND, TOKEN, keep, text

from xuanzhi.cli.main import main

pytestmark = pytest.mark.slow

pytest.importorskip("starlette", reason="pip install '.[review]'")

WORDS = {
    "en": {
        "accepted": "Accepted.",
        "rejected": "Rejected.",
        "needs-work": "Marked as needing work.",
        "undone": "The decision was undone.",
        "group": "3 items accepted.",
        "approved": "Approved 2 rules.",
        "approved-one": "Approved 1 rule.",
    },
    "zh-CN": {
        "accepted": "已接受。",
        "rejected": "已否决。",
        "needs-work": "已标为待处理。",
        "undone": "决定已撤销。",
        "group": "已接受 3 项。",
        "approved": "已批准 2 条规则。",
        "approved-one": "已批准 1 条规则。",
    },
}


class Tab:
    """A page of the browser, and everything in it that nobody wants."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.address = address
        self.wrong: list[str] = []
        page.on("console", lambda message: self.wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self._sent(request.url))

    def _sent(self, url: str) -> None:
        if not url.startswith(self.address):
            self.wrong.append(f"request: {url}")

    def go(self, path: str) -> "Tab":
        """Open an address."""
        self.page.goto(self.address + path.removeprefix(ROOT))
        return self

    def press(self, *keys: str) -> "Tab":
        """Press keys, one after the other, each after what the one before it began."""
        for key in keys:
            self.page.wait_for_load_state()
            self.page.keyboard.press(key)
        return self

    def tells(self, words: str) -> bool:
        """Wait until the page says that this was just done."""
        self.page.wait_for_selector("#told .told", state="attached")
        self.page.get_by_role("status").get_by_text(words).wait_for()
        return True

    def picture(self, name: str) -> None:
        """Keep what is seen, where somebody wants to look at it."""
        if folder := os.environ.get("XUANZHI_SCREENSHOTS"):
            self.page.screenshot(path=Path(folder, f"review-{name}.png"))


@pytest.fixture
def tab(chromium: Any, opened: Callable) -> Iterator[Callable[..., Tab]]:
    """Open a collection in a new browser."""
    contexts = []

    def opener(path: Path, *, language: str = "en", **settings: Any) -> Tab:
        address = str(opened(path).base_url).rstrip("/")
        settings.setdefault("viewport", {"width": 1100, "height": 800})
        context = chromium.new_context(locale=language, **settings)
        contexts.append(context)
        found = Tab(context.new_page(), address)
        return found.go("/")

    yield opener
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_whole_queue_by_keys_alone(language: str, collection: Path, tab: Callable[..., Tab]) -> None:
    words = WORDS[language]
    opened = tab(collection, language=language)
    page = opened.page
    assert page.evaluate("document.documentElement.lang") == language
    opened.picture(f"queue-{language}")
    # The list: j goes from one line to the next, Enter opens it.
    opened.press("j", "j", "k", "Enter")
    page.wait_for_url("**/item/**")
    first = page.url
    # The item: n and p go from change to change, and the one that is looked at has the focus.
    places = []
    for key in ("n", "n", "n", "p"):
        opened.press(key)
        places.append(page.evaluate("[...document.querySelectorAll('[data-change]')].indexOf(document.activeElement)"))
    assert places == [0, 1, 2, 1]
    opened.picture(f"item-{language}")
    opened.press("b")
    page.wait_for_url("**view=removed**")
    opened.picture(f"removed-{language}")
    # Keys write into a field and decide nothing there; Escape leaves it.
    opened.press("e")
    page.keyboard.type("arx 年份已核")
    opened.press("Escape", "a")
    assert opened.tells(words["accepted"])
    assert page.url != first
    opened.press("u")
    assert opened.tells(words["undone"])
    assert page.url.partition("?")[0] == first.partition("?")[0]
    assert "arx 年份已核" in page.inner_text(".history")
    opened.press("x")
    assert opened.tells(words["needs-work"])
    opened.press("r")
    assert opened.tells(words["rejected"])
    opened.press("j")
    page.wait_for_url(lambda url: "did" not in url)
    opened.press("?")
    page.wait_for_url("**/settings#keys")
    assert opened.wrong == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_group_by_keys_alone(language: str, collection: Path, tab: Callable[..., Tab]) -> None:
    opened = tab(collection, language=language)
    page = opened.page
    page.focus("a.more")
    opened.press("Enter")
    page.wait_for_url("**/group/**")
    opened.press("a")  # the browser itself says what is missing
    assert "/group/" in page.url
    for box in page.query_selector_all("input[type=checkbox]"):
        box.focus()
        opened.press("Space")
    page.focus(".decide button")
    opened.press("a")
    assert opened.tells(WORDS[language]["group"])
    assert opened.wrong == []


def test_keys_can_be_switched_off(collection: Path, tab: Callable[..., Tab]) -> None:
    opened = tab(collection)
    page = opened.go("/settings").page
    page.check("input[name=keys][value=off]")
    page.click("button.main")
    page.wait_for_selector("html[data-keys=off]")
    opened.go("/").page.click("a.open")
    page.wait_for_url("**/item/**")
    before = page.url
    opened.press("a", "j", "b")
    assert page.url == before
    assert page.query_selector_all("kbd") == []
    assert not (collection / "decisions.jsonl").exists()


def test_a_selection_becomes_a_proposal_without_the_words_that_are_ours(
    collection: Path, tab: Callable[..., Tab]
) -> None:
    opened = tab(collection)
    page = opened.page
    page.click("a.open")
    page.wait_for_selector(".diff")
    page.evaluate(
        """() => {
          const all = [...document.querySelectorAll(".diff .words")];
          document.getSelection().selectAllChildren(all.find((each) => each.textContent.includes("扫码")));
        }"""
    )
    page.wait_for_function("document.querySelector('[data-propose] textarea').value !== ''")
    assert page.input_value("[data-propose] textarea") == "扫码入群，领取资料"
    page.click("[data-propose] button")
    page.wait_for_selector("textarea.toml")
    assert 'text = "扫码入群，领取资料"' in page.input_value("textarea.toml")
    assert opened.wrong == []


def test_without_scripts_all_but_keys_works(collection: Path, tab: Callable[..., Tab]) -> None:
    opened = tab(collection, java_script_enabled=False)
    page = opened.page
    page.click("a.open")
    page.fill("textarea[name=note]", "无脚本")
    page.click("button.accept")
    assert opened.tells("Accepted.")
    page.click("#told button")
    assert opened.tells("The decision was undone.")


PATHS = ("/", "/articles", "/statistics", "/learned", "/rules", "/rules/wechat.tail.got-it", "/settings", "/nothing")


light_and_dark = pytest.mark.parametrize(
    ("scheme", "language", "rules"),
    [("light", "en", {}), ("dark", "zh-CN", {"runOnly": ["color-contrast", "valid-lang", "button-name", "link-name"]})],
)


@light_and_dark
def test_axe_finds_nothing(
    scheme: str, language: str, rules: dict[str, list[str]], collection: Path, tab: Callable[..., Tab]
) -> None:
    axe_module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install '.[browser]'")
    axe = axe_module.Axe()
    opened = tab(collection, language=language, color_scheme=scheme)
    page = opened.page
    links = [each.get_attribute("href") for each in page.query_selector_all("a.open, a.more")]
    items = [f"{links[0]}?view={view}" for view in ("changes", "full", "removed", "rendered", "source")]
    opened.go(items[2])
    wrong = page.query_selector("a.wrong").get_attribute("href")
    opened.go("/articles")
    article = page.query_selector("td.title a").get_attribute("href")
    found = []
    for path in (*PATHS, *items, links[-1], wrong, f"{links[0]}/propose?text=扫码入群", article):
        opened.go(path)
        found += [(path, each["id"], each["nodes"]) for each in axe.run(page, options=rules).response["violations"]]
    assert found == []


SOURCE = f"/learned/source?scope={ACCOUNT}"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_proposals_by_keys_alone(language: str, proposed: Path, tab: Callable[..., Tab]) -> None:
    opened = tab(proposed, language=language)
    page = opened.go("/learned").page
    opened.picture(f"learned-{language}")
    opened.press("j", "Enter")
    page.wait_for_url("**/learned/source**")
    opened.picture(f"learned-source-{language}")
    opened.press("n", "n")
    assert page.evaluate("document.activeElement.getAttribute('aria-labelledby')") == "rule-2"
    opened.press("Tab", "Space", "Tab")  # ticks it
    page.focus("#main")
    opened.press("l")
    page.wait_for_selector("#rule-2 input:checked")
    opened.press("e")
    page.keyboard.type("arx 看过三页")
    opened.press("Escape", "a")
    assert opened.tells(WORDS[language]["approved"])
    assert "arx 看过三页" in page.inner_text("main")
    assert [box.is_checked() for box in page.query_selector_all("input[type=checkbox]")] == [False]
    assert opened.wrong == []


@light_and_dark
def test_axe_finds_nothing_in_proposals(
    scheme: str, language: str, rules: dict[str, list[str]], proposed: Path, tab: Callable[..., Tab]
) -> None:
    axe_module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install '.[browser]'")
    axe = axe_module.Axe()
    opened = tab(proposed, language=language, color_scheme=scheme)
    page = opened.go(SOURCE).page
    found = axe.run(page, options=rules).response["violations"]
    page.click("button.accept")
    opened.tells(WORDS[language]["approved-one"])
    for path in ("/learned", SOURCE):
        found += axe.run(opened.go(path).page, options=rules).response["violations"]
    assert [(each["id"], each["nodes"]) for each in found] == []


def test_on_a_phone_proposals_are_no_wider_than_the_screen(proposed: Path, tab: Callable[..., Tab]) -> None:
    opened = tab(proposed, viewport={"width": 360, "height": 740}, is_mobile=True)
    for path in ("/learned", SOURCE):
        opened.go(path)
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_on_a_phone_nothing_is_wider_than_the_screen(collection: Path, tab: Callable[..., Tab]) -> None:
    opened = tab(collection, viewport={"width": 360, "height": 740}, is_mobile=True)
    links = [each.get_attribute("href") for each in opened.page.query_selector_all("a.open, a.more")]
    for path in (*PATHS, links[0], f"{links[0]}?view=removed", links[-1]):
        opened.go(path)
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360, path
    opened.go(f"{links[0]}?view=removed").picture("phone")


def test_in_print_nothing_is_left_but_the_text(collection: Path, tab: Callable[..., Tab]) -> None:
    opened = tab(collection)
    page = opened.page
    page.click("a.open")
    page.wait_for_selector(".diff")
    page.wait_for_load_state()  # with its style, which says what is printed
    page.emulate_media(media="print")
    shown = page.inner_text("body")
    assert "作者补记：文中年份，承读者指正。" in shown
    assert page.is_hidden("nav[aria-label=Pages]")
    assert page.is_hidden(".decide")
    opened.picture("print")


HOSTILE = """<script>document.title = "run"; alert(1)</script>

<img src="https://evil.example/a.png" onerror="alert(2)">

![x](https://evil.example/b.png) ![y](javascript:alert(3)) ![z](data:image/svg+xml,<svg/onload=alert(4)>)

[js](javascript:alert(5)) [data](data:text/html,<script>alert(6)</script>) [ok](https://evil.example/c)

<svg onload="alert(7)"><style>body { display: none }</style><iframe src="https://evil.example/d"></iframe>

<style>* { color: red; background: url(https://evil.example/e) }</style>

</textarea></title></style></script><script>alert(8)</script>

甲\u202e乙\u2066丙\u0007\u001b[31m丁

"><img src=x onerror=alert(9)> ' onfocus='alert(10)' {{ 7 * 7 }} {% raw %}

"""
TABLE = "|" + " x |" * 500 + "\n|" + " - |" * 500 + "\n" + ("|" + " y |" * 500 + "\n") * 20
TITLE = '<script>alert(11)</script>"><img src=x onerror=alert(12)> \u202egnp.exe'


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_hostile_texts_titles_and_notes_are_inert(language: str, tmp_path: Path, tab: Callable[..., Tab]) -> None:
    path = tmp_path / "c"
    account = "<b onmouseover=alert(13)>账号</b>"
    keep(
        path,
        text(1, f"{FIRST}\n\n{TABLE}", title=TITLE, account=account),
        text(1, f"{SECOND}\n\n{HOSTILE}", day="2026-04-05", title=TITLE, account=account),
    )
    opened = tab(path, language=language)
    page = opened.page
    assert page.evaluate("document.documentElement.lang") == language
    item = page.query_selector("a.open").get_attribute("href")
    for view in ("changes", "full", "removed", "rendered", "source"):
        opened.go(f"{item}?view={view}")
        assert page.evaluate("getComputedStyle(document.body).display") == "block"
        assert "alert(8)" in page.inner_text("body")
        assert (
            page.query_selector("main script, main style, main iframe, main object, main [onerror], main [onload]")
            is None
        )
        for link in page.query_selector_all("main a[href]"):
            assert (link.get_attribute("href") or "").startswith(("/", "https://", "http://"))
    opened.go(item)
    page.fill("textarea[name=note]", HOSTILE)
    page.click("button.work")
    opened.go(item)
    assert "alert(8)" in page.inner_text(".history")
    opened.go("/articles")
    article = page.query_selector("td.title a").get_attribute("href")
    source = opened.go(item) and page.get_attribute('a[href*="/source/"]', "href")
    for path_here in (
        "/?state=any",
        "/statistics",
        article,
        source,
        f"{item}/propose?text=%3Cscript%3Ealert(8)%3C/script%3E",
    ):
        opened.go(path_here)
        assert "run" not in page.title()
    assert [each for each in opened.wrong if "evil.example" in each or "dialog" in each or "error:" in each] == []
    assert opened.wrong == []


def test_hostile_proposals_are_inert(tmp_path: Path, tab: Callable[..., Tab]) -> None:
    path, account = tmp_path / "c", "<b onmouseover=alert(13)>账号</b>'; rm -rf ~"
    tail = [
        '<script>document.title = "run"; alert(1)</script>',
        '![x](https://evil.example/b.png) "><img src=x onerror=alert(2)>',
        "[js](javascript:alert(3)) {{ 7 * 7 }}",
        "甲\u202e乙\u2066丙，每一页都有的话",
        "写信给我们：letters@example.org",
    ]
    pages = [letter(number, tail=tail).replace("source: 纸上谈书", f"source: {account}") for number in range(24)]
    keep(path, *(page.encode() for page in pages))
    assert main(("archive", "rules", "learn", "-q", "-c", str(path))) == 0
    opened = tab(path)
    page = opened.go("/learned").page
    page.click("a.open")
    page.wait_for_url("**/learned/source**")
    assert page.query_selector("main script, main [onerror], main [onmouseover], main img") is None
    assert "甲⟨U+202E⟩乙" in page.inner_text("main")
    page.fill("textarea[name=note]", tail[0])
    page.click("button.accept")
    assert opened.tells("Approved ")
    assert page.query_selector("main script, main [onerror], main [onmouseover], main img") is None
    assert tail[0] in page.inner_text("main")
    assert page.title() != "run"
    assert opened.wrong == []


OTHER = """<!doctype html><title>other</title><body><script>
addEventListener("load", async () => {
  const review = "%s", seen = [document.referrer, document.cookie, location.href, String(opener), name];
  for (const mode of ["no-cors", "cors"])
    await fetch(review, { mode, credentials: "include" }).then((answer) => seen.push(answer.url), () => 0);
  for (const tag of ["img", "iframe", "script", "embed", "object"]) {
    const part = document.createElement(tag);
    part.src = part.data = review;
    document.body.append(part);
  }
  const opened = window.open(review);
  await new Promise((done) => setTimeout(done, 300));
  const reads = [() => opened.location.href, () => frames[0].location.href, () => opener.location.href];
  for (const read of reads) try { seen.push(read()); } catch { seen.push("-"); }
  seen.push(...performance.getEntries().map((each) => each.name), ...navigation.entries().map((each) => each.url));
  await fetch("/seen", { method: "POST", body: JSON.stringify(seen) });
  document.title = "done";
});
</script>"""
"""A page of somebody else's, that tries everything a page can try to learn where the review page stands."""

WAYS = (
    "const a = document.createElement('a'); a.href = at; document.body.append(a); a.click()",
    "const a = document.createElement('a'); a.href = at; a.target = '_blank'; a.rel = 'opener'; "
    "document.body.append(a); a.click()",
    "location = at",
    "window.open(at, '_blank')",
)
"""How a reviewer comes there from the review page."""


class _Other(BaseHTTPRequestHandler):
    """A server at another port, which keeps everything that it gets."""

    seen: ClassVar[list[str]] = []
    review: ClassVar[str] = ""

    def do_GET(self) -> None:
        """Keep the request, and answer with the page that tries."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.seen.append(f"{self.requestline}\n{self.headers}\n{body}")
        page = (OTHER % self.review).encode()
        self.send_response(302 if "?again" in self.path else 200)
        self.send_header("Location", self.path.partition("?")[0])
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    do_POST = do_GET  # noqa: N815  # as http.server calls it

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_another_server_of_this_machine_learns_nothing(collection: Path, tab: Callable[..., Tab]) -> None:
    opened = tab(collection)
    page = opened.page
    opened.go("/settings")
    page.fill("input[name=reviewer]", "王纸")
    page.click("button.main")
    page.wait_for_load_state()
    inside = opened.address.removesuffix(ROOT)
    _Other.seen.clear()
    _Other.review = f"{inside}/"
    with ThreadingHTTPServer(("127.0.0.1", 0), _Other) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        at = f"http://127.0.0.1:{other.server_port}/"
        for number, script in enumerate(WAYS):
            opened.go("/")
            with page.context.expect_event("page") if "_blank" in script else nullcontext() as new:
                page.evaluate(f"at => {{ {script} }}", at + "?again" * (number % 2))
            (new.value if new else page).wait_for_function("document.title === 'done'")
        other.shutdown()
    assert len(_Other.seen) >= 2 * len(WAYS)
    assert [each for each in _Other.seen if TOKEN in each or "xuanzhi-reviewer" in each] == []
    assert not any("\nReferer: " + inside in each for each in _Other.seen)

"""Requests and responses of views: parameters, language, settings, templates."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from archive import settings
from archive.collection.reader import CollectionReader
from clean.learn.apply import PreparedPage
from clean.rules import Rule, Ruleset
from xuanzhi.jobs.learned import LearnedSource
from xuanzhi.jobs.rules import ReloadingRules
from xuanzhi.messages import N_, _, in_language, ngettext, pgettext, reason
from xuanzhi.output import labels
from xuanzhi.output.failures import failure
from xuanzhi.review.queue import ReviewQueue
from xuanzhi.review.rows import shown

__all__ = [
    "COOKIES",
    "LANGUAGES",
    "MOST_PAGES",
    "PageCache",
    "ReviewApp",
    "ReviewRequest",
    "View",
    "answer_failure",
    "code_spans",
    "endpoint",
    "preferred_language",
    "redirect",
    "return_address",
    "set_cookie",
    "set_reviewer",
]


LANGUAGES = {"en": "English", "zh": "简体中文"}
"""By the code that the cookie holds."""


def code_spans(text: str) -> Markup:
    """Return a text as HTML: escaped, with what stands between back-ticks as code."""
    pieces = shown(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return Markup().join(
        Markup("<code>{}</code>" if place % 2 else "{}").format(piece) for place, piece in enumerate(pieces)
    )


def preferred_language(accept: str) -> str:
    """Return the language of an `Accept-Language` field (RFC 9110 §12.5.4): `zh` where Chinese ranks first."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept[:1000].split(",")):
        name, _, parameters = part.strip().partition(";")
        code = name.strip().lower().partition("-")[0]
        if code in LANGUAGES:
            ranked.append((-_quality(parameters), place, code))
    return min(ranked, default=(0.0, 0, "en"))[2]


def _quality(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


LARGEST_FORM = 256 * 1024
"""Bytes of a form; a note or a selection is far smaller."""

MOST_FIELDS = 2_000
"""Fields of a form: a source may have some hundred proposals, each with its box."""

COOKIES = ("language", "keys")
"""Settings that live in the browser, for each start of the page; any server on this machine could set them as well."""

_YEAR = 365 * 24 * 3600


class ReviewRequest(NamedTuple):
    """A request as views get it."""

    app: "ReviewApp"
    path: Mapping[str, str]
    """The parts of the address that have names."""
    query: Mapping[str, str]
    """Fields of the address."""
    form: Mapping[str, str]
    """Fields of a form that was sent; empty for a look."""
    language: str
    """`en` or `zh`."""
    reviewer: str
    keys: bool
    """Whether single keys work (WCAG 2.1.4: there has to be a way to switch them off)."""
    here: str
    """The address itself, without host."""
    root: str
    """How the path of every address here begins: `/` and the token, without a slash at the end."""

    def address(self, path: str, **fields: object) -> str:
        """Return the address of a page by its path, such as `/rules`, with its fields; empty ones stay out."""
        query = urlencode([(name, value) for name, value in fields.items() if value not in {"", None}])
        return f"{self.root}{path}?{query}" if query else f"{self.root}{path}"

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Answer with a page."""
        here = "/" + self.here.removeprefix(self.root).partition("?")[0].split("/")[1]
        return self.app.render(self, template, status, {"here": here, "told": "", "told_undo": "", **context})

    def nothing_here(self) -> Response:
        """Answer that there is nothing at this address."""
        return self.page(
            "message.html",
            status=404,
            title=N_("Nothing here"),
            text=N_("There is nothing at this address. The text may have been replaced by a newer one."),
            detail="",
        )


View = Callable[[ReviewRequest], Response]


def endpoint(view: View) -> Callable[[Request], Any]:
    """Make a view an endpoint of Starlette: it runs in a thread, and opens the collection for itself."""

    async def answer(http_request: Request) -> Response:
        form = await _form(http_request) if http_request.method == "POST" else {}
        request = _review_request(http_request, form)
        with in_language(request.language):
            return await run_in_threadpool(view, request)

    return answer


async def answer_failure(http_request: Request, error: Exception) -> Response:
    """Answer where something went wrong: what happened, and what to do next, never a traceback."""
    request = _review_request(http_request, {})
    if isinstance(error, HTTPException) and error.status_code != 404:
        return PlainTextResponse(error.detail, error.status_code)
    with in_language(request.language):
        if isinstance(error, HTTPException):
            return request.nothing_here()
        explanation = failure(error)
        return request.page(
            "message.html",
            status=500 if explanation.code == "internal" else 503,
            title=N_("The collection cannot be used at the moment"),
            text=N_("Earlier decisions are safe. Nothing was saved of what you just did."),
            detail=f"{explanation.message} {explanation.hint}",
        )


def _review_request(http_request: Request, form: Mapping[str, str]) -> ReviewRequest:
    app: ReviewApp = http_request.app.state.review
    root: str = http_request.scope.get("root_path", "")
    cookies = {name: http_request.cookies.get(f"xuanzhi-{name}", "") for name in COOKIES}
    language = cookies["language"]
    if language not in LANGUAGES:
        language = preferred_language(http_request.headers.get("accept-language", ""))
    # The query as it came: its bytes need not be UTF-8, and `http_request.url` would stumble over them.
    query = http_request.scope["query_string"].decode("latin-1")
    here = quote(http_request.scope["path"]) + (f"?{query}" if query else "")
    return ReviewRequest(
        app,
        http_request.path_params,
        dict(http_request.query_params),
        form,
        language,
        _name(http_request.cookies.get(_reviewer_cookie(root), "")) or app.reviewer,
        app.keys if cookies["keys"] not in {"on", "off"} else cookies["keys"] == "on",
        here,
        root,
    )


def _name(cookie: str) -> str:
    return unquote(cookie).strip()[:100]


async def _form(http_request: Request) -> dict[str, str]:
    data = bytearray()
    declared = http_request.headers.get("content-length", "")
    if len(declared) > 18 or (declared.isdecimal() and int(declared) > LARGEST_FORM):
        raise HTTPException(413)
    async for piece in http_request.stream():
        data += piece
        if len(data) > LARGEST_FORM:
            raise HTTPException(413)
    try:
        # Browsers end lines in forms with CR LF; what is kept has LF.
        fields = parse_qsl(data.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400) from error
    return {name: value.replace("\r\n", "\n") for name, value in fields}


def redirect(address: str) -> Response:
    """Redirect to another page after something was done (RFC 9110 §15.4.4)."""
    return RedirectResponse(address, 303)


def return_address(request: ReviewRequest, otherwise: str = "/") -> str:
    """Return the address of ours that a form says to go back to, never one of another site.

    `otherwise` is the path of the page for a form that says none.
    """
    back = request.form.get("back", "")
    path = back.removeprefix(request.root)
    is_ours = back.startswith(f"{request.root}/") and not path.startswith(("//", "/\\")) and back.isprintable()
    return back if is_ours else request.address(otherwise)


def set_cookie(response: Response, name: str, value: str) -> None:
    """Store a setting in the browser."""
    response.set_cookie(f"xuanzhi-{name}", quote(value), max_age=_YEAR, samesite="strict", httponly=True, path="/")


def set_reviewer(request: ReviewRequest, response: Response, name: str) -> None:
    """Store the name for decisions in the browser, until the page ends.

    All servers of this machine share the cookies of a browser. Nobody else may learn the name, or give another one to
    decisions, so the path and the name of this cookie follow from the token.
    """
    response.set_cookie(
        _reviewer_cookie(request.root), quote(name), samesite="strict", httponly=True, path=f"{request.root}/"
    )


def _reviewer_cookie(root: str) -> str:
    return f"xuanzhi-reviewer-{sha256(root.encode()).hexdigest()[:16]}"


MOST_PAGES = 500
"""Pages of a source that are read for a look; of a larger one, as many as this, spread over its time."""


class PageCache:
    """The pages of the source that was read last, so that another choice among its rules does not read them again.

    Where the source is another, or its texts have changed, they are read anew.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._last: tuple[object, list[PreparedPage]] = (None, [])

    def pages(self, source: LearnedSource) -> list[PreparedPage]:
        """Return a source's pages by date, at most `MOST_PAGES`. Raises Damaged, StorageError."""
        articles = source.spread(MOST_PAGES)
        known, pages = self._last
        if known != articles:
            pages = source.by_date(articles)
            self._last = (articles, pages)
        return pages


class ReviewApp:
    """A running review page: the collection, the templates, and the options of its start, shared by all views."""

    def __init__(
        self,
        path: Path,
        rules: ReloadingRules,
        *,
        reviewer: str,
        clock: Callable[[], datetime],
        keys: bool = True,
        replay: str = "",
    ) -> None:
        """Take the collection's folder, the rules in use, and the name that decisions get unless a browser has one.

        `replay` is the beginning of the addresses of a replay tool, up to the date.
        """
        self.path = path
        self._rules = rules
        self.reviewer = reviewer
        self.clock = clock
        self.keys = keys
        self.replay = replay
        self.queue = ReviewQueue(path)
        self.last_read = PageCache()

    @property
    def ruleset(self) -> Ruleset:
        """The rules in use at this moment. Raises UsageError, RuleError, StorageError."""
        return self._rules.read()

    @contextmanager
    def open_collection(self) -> Iterator[CollectionReader]:
        """Open the collection for one look. Raises what `CollectionReader.open` raises."""
        with CollectionReader.open(self.path) as collection:
            yield collection

    def replay_address(self, fetched_at: str, url: str) -> str:
        """Return where a replay tool shows a capture; empty where none was named, or the page has no address."""
        if not self.replay or not url.startswith(("http://", "https://")):
            return ""
        digits = "".join(character for character in fetched_at if character.isdigit())[:14]
        return f"{self.replay.rstrip('/')}/{digits}/{url}"

    def render(self, request: "ReviewRequest", template: str, status: int, context: dict[str, Any]) -> Response:
        """Return a page."""
        with_ours = {
            "language": request.language,
            "tag": "zh-CN" if request.language == "zh" else "en",
            "request": request,
            "root": request.root,
            "address": request.address,
            "languages": LANGUAGES,
            "collection": self._name,
            **context,
        }
        return HTMLResponse(self._templates.get_template(template).render(with_ours), status)

    @cached_property
    def _name(self) -> str:
        return settings.read(self.path / settings.FILE).name

    @cached_property
    def _templates(self) -> Environment:
        environment = Environment(
            loader=PackageLoader("xuanzhi.review"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(
            shown=shown, percent=_percent, day=lambda moment: moment[:10], number=lambda n: f"{n:,}", quoted=_quoted
        )
        environment.globals.update({"_": _, "ngettext": ngettext, "pgettext": pgettext, "N_": N_})
        environment.globals.update(reason=_reason, labels=labels)
        environment.filters.update(code_spans=code_spans)
        return environment


def _reason(rule: Rule | None) -> Markup:
    """Return a rule's reason as HTML; empty where the rule is not known."""
    return code_spans(reason(rule)) if rule is not None else Markup()


def _percent(share: float) -> str:
    return f"{share:.1%}" if 0 < share < 0.1 else f"{share:.0%}"


def _quoted(text: str) -> str:
    return quote(text, safe="")

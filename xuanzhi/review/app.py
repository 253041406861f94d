"""The application: every address, and the view that answers it."""

from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from archive.errors import ArchiveError
from clean.errors import CleanError
from xuanzhi.review import view_articles, view_captures, view_items, view_rules
from xuanzhi.review import view_site as figures
from xuanzhi.review.pages import articles, deciding, group, learned, proposing, queue, rules, settings
from xuanzhi.review.request import View, endpoint, failed
from xuanzhi.review.room import Room
from xuanzhi.review.security import Door, Safety

__all__ = ["ROUTES", "build"]

ROUTES: tuple[tuple[str, str, View], ...] = (
    ("GET", "/", queue.queue),
    ("GET", "/group/{signature}", group.group),
    ("POST", "/group/{signature}", group.accept_group),
    ("GET", "/item/{item}", view_items.item),
    ("POST", "/item/{item}", deciding.decide),
    ("POST", "/item/{item}/undo", deciding.undo),
    ("GET", "/item/{item}/wrong/{entry:int}", proposing.wrong),
    ("GET", "/item/{item}/wrong-node/{entry:int}", proposing.wrong_node),
    ("GET", "/item/{item}/propose", proposing.propose),
    ("GET", "/articles", articles.articles),
    ("GET", "/article", view_articles.article),
    ("GET", "/compare", view_articles.compare),
    ("GET", "/picture/{sha256}", view_captures.picture),
    ("GET", "/source/{capture:int}", view_captures.source),
    ("GET", "/learned", learned.learned),
    ("GET", "/learned/source", view_rules.learned_source),
    ("POST", "/learned/source", view_rules.decide_learned),
    ("GET", "/rules", rules.rules),
    ("GET", "/rules/{rule}", rules.rule),
    ("GET", "/statistics", figures.statistics),
    ("GET", "/settings", settings.settings),
    ("POST", "/settings", settings.keep),
)


def build(room: Room, door: Door) -> ASGIApp:
    """Return the application for one collection."""
    routes = [Route(path, endpoint(view), methods=[method]) for method, path, view in ROUTES]
    static = Mount("/static", StaticFiles(directory=str(files("xuanzhi.review") / "static")))
    inner = Starlette(
        routes=[*routes, static],
        exception_handlers=dict.fromkeys((ArchiveError, CleanError, HTTPException, Exception), failed),
    )
    inner.state.room = room
    return Safety(inner, door=door)

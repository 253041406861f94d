"""Settings of visits in collection.toml: `[schedule]`, `[[source]]`, `[[hook]]`.

[schedule]
pace = "2s"                         # from one page of a host to the next
hosts = { "mp.weixin.qq.com" = "10s" }
rest = "30min"                      # a host that showed a wall is left alone for so long
confirm = ["1h", "6h"]              # seen gone, it is visited again after these, before it counts
gone = ["7d", "30d", "90d", "365d"] # what is gone is looked for after these
patience = ["1h", "3h", "12h", "1d"]  # a visit that met a wall or an error is tried again after these
lease = "5min"                      # what a runner that gives no sign has claimed is free again after so long
at-once = 8                         # visits that a runner has under way
requisites = true                   # whether images and styles are captured, too
ignore-robots = ["paper.example"]   # hosts whose robots.txt is not asked for
allow-private = false               # whether addresses of this machine and its networks may be visited

[[source]]
label = "Paper"
url = "https://paper.example/bamboo.html"   # or urls = […], list = "list.txt", feed = "https://…/rss.xml"
every = "1d"                        # or cron; or policy, with least and most; with until, a last day

[[hook]]
events = ["changed", "gone"]
command = ["notify", "--json"]      # or url = "https://…"
timeout = "30s"
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from archive import dates
from archive.errors import BadConfig, storage_errors
from archive.schedule.outcomes import EVENTS
from archive.schedule.policies import PLAN_KEYS, ScheduleDefaults, parse_duration, plan_of
from archive.settings import FILE

__all__ = ["ConfiguredSource", "Hook", "ScheduleSettings", "date_reader", "read_settings"]

_EPOCH = datetime.fromtimestamp(0, UTC)

_SOURCE = ("url", "urls", "list", "feed", "label", *PLAN_KEYS)
_HOOK = ("event", "events", "command", "url", "timeout")
_DURATIONS = ("pace", "rest", "lease")
_DELAYS = {"confirm": "confirm_delays", "gone": "gone_delays", "patience": "retry_delays"}
_SCHEDULE = (*_DURATIONS, *_DELAYS, "hosts", "at-once", "ignore-robots", "allow-private", "requisites")


class ConfiguredSource(NamedTuple):
    """A source as it stands in collection.toml."""

    name: str
    """Its label, else its first address."""
    kind: str
    """`page` or `feed`."""
    urls: tuple[str, ...]
    plan: Mapping[str, str]


class Hook(NamedTuple):
    """A command or an address that events are sent to."""

    name: str
    """Its command or URL: another one is another hook."""
    events: tuple[str, ...]
    command: tuple[str, ...]
    url: str
    timeout: float
    """Seconds."""


class ScheduleSettings(NamedTuple):
    """The settings of visits. Times are in seconds."""

    defaults: ScheduleDefaults = ScheduleDefaults()
    pace: float | None = None
    """None for what capturing does by itself."""
    hosts: Mapping[str, float] = MappingProxyType({})
    rest: float = 1800.0
    lease: float = 300.0
    """A runner without a heartbeat for so long is dead, and the articles that it had claimed are free again."""
    at_once: int = 8
    ignore_robots: tuple[str, ...] = ()
    allow_private: bool = False
    requisites: bool = True
    sources: tuple[ConfiguredSource, ...] = ()
    hooks: tuple[Hook, ...] = ()
    lists: tuple[str, ...] = ()
    """Files of addresses that sources name, relative to the collection."""


def read_settings(root: Path) -> ScheduleSettings:
    """Read the settings of a collection. Raises BadConfig, naming what is wrong, or StorageError."""
    path = root / FILE
    with storage_errors(path):
        data = path.read_bytes()
    try:
        values = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: {error}") from error
    zone = str(values.get("timezone", "UTC"))
    try:
        settings = _schedule(_table(values, "schedule"), zone)
        sources = tuple(_source(each, root, zone) for each in _tables(values, "source"))
        hooks = tuple(_hook(each) for each in _tables(values, "hook"))
        duplicates = {each.name for each in sources if sum(each.name == other.name for other in sources) > 1}
        if duplicates:
            raise ValueError(f"two sources are named {sorted(duplicates)[0]!r}; give one of them another label")
    except ValueError as error:
        raise BadConfig(f"{path}: {error}") from error
    lists = tuple(str(each["list"]) for each in _tables(values, "source") if "list" in each)
    return settings._replace(sources=sources, hooks=hooks, lists=lists)


def date_reader(zone: str) -> Callable[[str], datetime | None]:
    """Return what reads dates as people write them, in a zone; it returns None for what is no date."""

    def read(text: str) -> datetime | None:
        reading = dates.read(lambda key: text if key == "date" else "", zone_name=zone, now=_EPOCH)
        return reading.utc if reading.field == "date" else None

    return read


def _table(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = values.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(f"{name} is a table; write [{name}]")
    return table


def _tables(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    tables = values.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise ValueError(f"{name} is a list of tables; write [[{name}]]")
    return tables


def _check_keys(table: Mapping[str, Any], keys: tuple[str, ...], place: str) -> None:
    for key in table:
        if key not in keys:
            raise ValueError(f"{place}: unknown key {key!r}; known are {', '.join(keys)}")


def _texts(value: object, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) and each for each in value):
        raise ValueError(f"{place} must be a list of texts in quotes, not {value!r}")
    return tuple(value)


def _schedule(table: Mapping[str, Any], zone: str) -> ScheduleSettings:
    _check_keys(table, _SCHEDULE, "[schedule]")
    defaults = ScheduleDefaults(zone=zone)
    for key, field in _DELAYS.items():
        if key in table:
            delays = tuple(parse_duration(each) for each in _texts(table[key], f"[schedule] {key}"))
            defaults = defaults._replace(**{field: delays})  # type: ignore[arg-type]  # the three are delays
    durations = {key: parse_duration(str(table[key])) for key in _DURATIONS if key in table}
    hosts = {str(host): parse_duration(str(pace)) for host, pace in _table(table, "hosts").items()}
    for key, wanted in (("at-once", int), ("allow-private", bool), ("requisites", bool)):
        if key in table and type(table[key]) is not wanted:
            raise ValueError(f"[schedule] {key} must be {'a number' if wanted is int else 'true or false'}")
    if table.get("at-once", 1) < 1:
        raise ValueError("[schedule] at-once must be at least 1")
    robots = _texts(table["ignore-robots"], "[schedule] ignore-robots") if "ignore-robots" in table else ()
    default = ScheduleSettings()
    return ScheduleSettings(
        defaults=defaults,
        pace=durations.get("pace"),
        hosts=hosts,
        rest=durations.get("rest", default.rest),
        lease=durations.get("lease", default.lease),
        at_once=table.get("at-once", default.at_once),
        ignore_robots=robots,
        allow_private=table.get("allow-private", False),
        requisites=table.get("requisites", True),
    )


def _source(table: Mapping[str, Any], root: Path, zone: str) -> ConfiguredSource:
    _check_keys(table, _SOURCE, "[[source]]")
    kinds = [key for key in ("url", "urls", "list", "feed") if key in table]
    if len(kinds) != 1:
        raise ValueError("[[source]]: each has one of url, urls, list, feed")
    (kind,) = kinds
    for key, value in table.items():
        if key != "urls" and not isinstance(value, str):
            raise ValueError(f"[[source]]: {key} must be a text in quotes, not {value!r}")
    if kind == "list":
        with storage_errors(root / table["list"]):
            text = (root / table["list"]).read_text("utf-8-sig")
        # As in lists of `capture`: a remark begins a line, or stands behind a blank.
        lines = (line.split(" #", 1)[0].strip() for line in text.splitlines())
        urls = tuple(line for line in lines if line and not line.startswith("#"))
    else:
        urls = _texts(table[kind], "[[source]] urls") if kind == "urls" else (table[kind],)
    name = table.get("label") or table.get("list") or urls[0]
    plan = {key: table[key] for key in PLAN_KEYS if key in table}
    try:
        plan_of(plan, date_reader(zone))
    except ValueError as error:
        raise ValueError(f"[[source]] {name}: {error}") from error
    return ConfiguredSource(name, "feed" if kind == "feed" else "page", urls, plan)


def _hook(table: Mapping[str, Any]) -> Hook:
    _check_keys(table, _HOOK, "[[hook]]")
    given = table.get("events", [table["event"]] if "event" in table else list(EVENTS))
    events = _texts(given, "[[hook]] events")
    for event in events:
        if event not in EVENTS:
            raise ValueError(f"[[hook]]: there is no event {event!r}; known are {', '.join(EVENTS)}")
    if ("command" in table) == ("url" in table):
        raise ValueError("[[hook]]: each has either a command or a url")
    command = _texts(table["command"], "[[hook]] command") if "command" in table else ()
    url = str(table.get("url", ""))
    timeout = parse_duration(str(table.get("timeout", "30s")))
    return Hook(" ".join(command) or url, events, command, url, timeout)

"""Settings of capturing: user agent, pace, limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from capture.errors import CaptureError
from capture.tape import SECRETS

__all__ = ["ROBOT", "Settings"]

ROBOT = "xuanzhi"
"""The name under which robots.txt may speak to us (RFC 9309 §2.2.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a client. Times are in seconds, sizes in bytes."""

    contact: str = ""
    """Where the operator can be reached: an address on the web or of e-mail, sent to every server. Give one: who is
    known is asked before he is shut out."""
    language: str = "zh-CN,zh;q=0.9,en;q=0.5"
    """Accept-Language (RFC 9110 §12.5.4)."""

    interval: float = 2.0
    """From the beginning of one page of a host to the next."""
    intervals: Mapping[str, float] = field(default_factory=lambda: {"mp.weixin.qq.com": 10.0})
    """The same for single hosts. WeChat shows a wall after a few pages in quick succession."""
    requisite_interval: float = 0.1
    """Between the images and styles that come from one host: a browser asks for them all at once."""
    jitter: float = 0.5
    """Share of an interval that chance adds, so that many captures do not beat in time."""
    per_host: int = 2
    """Exchanges with one host at once."""

    tries: int = 3
    """Of one exchange, with the first."""
    back_off: float = 2.0
    """Before the second try; twice as long before each further one."""
    longest_wait: float = 120.0
    """That is waited because of Retry-After; where a server asks for more, its host is left alone for so long."""
    walls: int = 2
    """Walls in a row after which a host is left alone."""
    rest: float = 1800.0
    """For how long it is left alone."""

    redirects: int = 20
    """Followed from one page to the next."""
    largest: int = 256 * 1024**2
    """Bytes read of one page's answer."""
    longest: float = 600.0
    """Of one exchange, from the beginning to the last byte."""
    connect_timeout: float = 15.0
    read_timeout: float = 30.0
    """Without a byte."""

    robots: bool = True
    """Whether robots.txt is asked before a page. It is not for requisites, which a reader's browser would load too."""
    ignore_robots_of: frozenset[str] = frozenset()
    """Hosts whose robots.txt is not asked: the site agreed, or the law gives the archive the right."""

    requisites: bool = True
    """Whether images, styles, fonts and media are fetched with a page."""
    most_requisites: int = 500
    """Of one page."""
    requisite_tries: int = 2
    """Of one of them, with the first; after two failures of its host the others there are not tried."""
    requisites_longest: float = 900.0
    """For all of one page together; what has not begun by then is not fetched."""
    largest_requisite: int = 64 * 1024**2
    """Bytes read of one of them."""
    largest_content: int = 32 * 1024**2
    """Bytes of a page or style without content coding that are searched for requisites; the rest is not looked at."""

    allow_private: bool = False
    """Whether addresses beyond the public Internet may be contacted."""
    insecure: bool = False
    """Whether certificates that nobody vouches for are accepted. Recorded with every page."""
    cookies: bool = False
    """Whether cookies that servers set are sent back within this client's life."""
    redacted: frozenset[str] = SECRETS
    """Request fields, in lower case, whose values are not recorded; see `capture.tape`."""
    directory: Path | None = None
    """Where large bodies wait until they are kept; the system's folder for temporary files by default."""

    def __post_init__(self) -> None:
        """Refuse what would stop or spoil every capture: a contact that is none, a try or an exchange too few."""
        if min(self.per_host, self.tries, self.requisite_tries, self.walls) < 1:
            raise CaptureError("`per_host`, `tries`, `requisite_tries` and `walls` are at least 1", hint="Raise them.")
        printable = self.contact.isascii() and self.contact.isprintable()
        if self.contact and not (printable and {"@", "/"} & set(self.contact)):
            raise CaptureError(
                f"{self.contact!r} is no way to reach the operator",
                hint="Give an e-mail address or the address of a page that tells who captures and why.",
            )

    @property
    def user_agent(self) -> str:
        """User-Agent (RFC 9110 §10.1.5), in the form in which robots name themselves to servers that expect a browser.

        WeChat refuses clients that do not begin so; the name and the contact leave no doubt about who asks.
        """
        try:
            number = version("xuanzhi")
        except PackageNotFoundError:  # run from a checkout that was not installed
            number = "0"
        contact = f"; +{self.contact}" if self.contact else ""
        return f"Mozilla/5.0 (compatible; {ROBOT}/{number}{contact})"

    def interval_of(self, host: str) -> float:
        """Return the interval between pages of a host."""
        return self.intervals.get(host, self.interval)

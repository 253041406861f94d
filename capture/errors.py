"""Errors of the capture package, each with a stable code and a hint.

CaptureError
├── NotAWebAddress          the text names no page on the web (also a ValueError)
├── NotContacted            a rule of ours said no; nothing was sent
│   ├── AddressForbidden    a private, local or reserved address, an odd spelling of one, or a forbidden port
│   ├── RobotsForbidden     the site's robots.txt asks robots to stay away from this page
│   └── HostBlocks          the site walls us; it is left alone until a time that the error names
├── NoConnection            no connection to the host came about
│   ├── UnknownHost         its name does not resolve
│   ├── ConnectionFailed    refused or unreachable
│   ├── TlsFailed           the certificate or the handshake
│   └── ProxyFailed         the proxy of the environment is wrong or refuses
├── Interrupted             the exchange broke off; what came is kept
│   ├── Disconnected        the other side closed or reset the connection
│   ├── TimedOut            nothing came for too long, or the whole took too long
│   ├── TooLarge            more came than we are willing to take
│   └── Stopped             this program was asked to end
├── BadAnswer               what came is no whole answer in HTTP/1.x; it is kept
│   ├── EmptyAnswer         the connection closed without a byte
│   ├── NotHttp             the bytes do not begin with a status line
│   ├── HeadTooLong         the head, or the interim answers before it, do not end
│   ├── BrokenBody          the head is good, the framing of the body is not
│   └── BrokenContent       the body is whole, but its content coding is damaged or unknown
├── NoRoom                  the disk does not take what came
└── BadRedirect             an answer sends us elsewhere, but not to a page
    ├── RedirectLoop        to where we have been already
    └── TooManyRedirects    again and again

`passes` tells whether the same may well succeed a little later. `exchange` is what came before the error, where
bytes crossed the wire; `page` is the visit so far, where the error ended one.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capture.page import Exchange, Page

__all__ = [
    "AddressForbidden",
    "BadAnswer",
    "BadRedirect",
    "BrokenBody",
    "BrokenContent",
    "CaptureError",
    "ConnectionFailed",
    "Disconnected",
    "EmptyAnswer",
    "HeadTooLong",
    "HostBlocks",
    "Interrupted",
    "NoConnection",
    "NoRoom",
    "NotAWebAddress",
    "NotContacted",
    "NotHttp",
    "ProxyFailed",
    "RedirectLoop",
    "RobotsForbidden",
    "Stopped",
    "TimedOut",
    "TlsFailed",
    "TooLarge",
    "TooManyRedirects",
    "UnknownHost",
]


class CaptureError(Exception):
    """Base of all errors of this package.

    `code` is a stable English word for machines, `hint` says what to do next.
    """

    code = "capture-error"
    hint = ""
    passes = False
    """Whether the same may succeed a little later."""
    exchange: "Exchange | None" = None
    """What crossed the wire before the error; None where nothing was sent."""
    page: "Page | None" = None
    """The visit that the error ended: redirects and failed tries so far; None outside of visits."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class NotAWebAddress(CaptureError, ValueError):
    """The text names no page on the web: it has no http or https scheme, or no host."""

    code = "not-a-web-address"
    hint = "Give the page's address as it stands in the browser, beginning with http:// or https://."


class NotContacted(CaptureError):
    """A rule of ours said no; nothing was sent."""

    code = "not-contacted"


class AddressForbidden(NotContacted):
    """The host is private, local or reserved, is spelled oddly, or the port is forbidden."""

    code = "address-forbidden"
    hint = "If this is a server of your own, allow private addresses (`allow_private`)."


class RobotsForbidden(NotContacted):
    """The site's robots.txt asks robots to stay away from this page."""

    code = "robots-forbidden"
    hint = "Ask the site for permission; with it, name the host in `ignore_robots_of`."


class HostBlocks(NotContacted):
    """The site walls us; it is left alone for a while."""

    code = "host-blocks"
    hint = "Wait, then go slower; pages behind a wall are captured again later."
    passes = True


class NoConnection(CaptureError):
    """No connection to the host came about."""

    code = "no-connection"


class UnknownHost(NoConnection):
    """The host's name does not resolve."""

    code = "unknown-host"
    hint = "Check the spelling of the host, and the network of this machine."


class ConnectionFailed(NoConnection):
    """The host refuses connections or cannot be reached."""

    code = "connection-failed"
    hint = "The site may be down; try again later."
    passes = True


class TlsFailed(NoConnection):
    """The certificate cannot be trusted, or the handshake failed."""

    code = "tls-failed"
    hint = "Look at the site in a browser; `insecure` captures it all the same and records that nothing was verified."


class ProxyFailed(NoConnection):
    """The proxy that the environment names is wrong or refuses."""

    code = "proxy-failed"
    hint = "Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY in the environment."


class Interrupted(CaptureError):
    """The exchange broke off; what came is kept."""

    code = "interrupted"
    hint = "Try again later; what came is kept as a cut exchange."


class Disconnected(Interrupted):
    """The other side closed or reset the connection in the middle of an exchange."""

    code = "disconnected"
    passes = True


class TimedOut(Interrupted):
    """Nothing came for too long, or the whole took too long."""

    code = "timed-out"
    passes = True


class TooLarge(Interrupted):
    """More came than we are willing to take."""

    code = "too-large"
    hint = "Raise `largest` if the page is worth it."


class Stopped(Interrupted):
    """This program was asked to end (`AsyncClient.stop`)."""

    code = "stopped"


class BadAnswer(CaptureError):
    """The bytes received are no whole answer in HTTP/1.x; they are kept."""

    code = "bad-answer"
    hint = "The server is at fault; try again later."


class EmptyAnswer(BadAnswer):
    """The connection closed without a byte."""

    code = "empty-answer"
    passes = True


class NotHttp(BadAnswer):
    """The bytes do not begin with a status line of HTTP/1.x."""

    code = "not-http"
    hint = "Another service may listen on this port; check the address."


class HeadTooLong(BadAnswer):
    """The head of the answer, or the interim answers before it, do not end."""

    code = "head-too-long"


class BrokenBody(BadAnswer):
    """The head of the answer is good, the framing of its body is not."""

    code = "broken-body"


class BrokenContent(BadAnswer):
    """The body came whole, but its content coding is damaged, or is one that cannot be read."""

    code = "broken-content"
    hint = "What came is kept; try again later."
    passes = True


class NoRoom(CaptureError):
    """The disk does not take what came; nothing of it is kept."""

    code = "no-room"
    hint = "Make room in the folder for temporary files, then try again."


class BadRedirect(CaptureError):
    """An answer sends us elsewhere, but not to a page."""

    code = "bad-redirect"
    hint = "Look at the page in a browser: the site may want cookies or a log-in."


class RedirectLoop(BadRedirect):
    """A redirect leads to where the visit has been already."""

    code = "redirect-loop"


class TooManyRedirects(BadRedirect):
    """Redirects lead to redirects, again and again."""

    code = "too-many-redirects"

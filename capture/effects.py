"""Effects: what the generators of capturing logic yield, and a client carries out.

So the logic knows nothing of waiting, and can be driven without a network: as the authentication flows of httpx.
"""

from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeAlias, TypeVar

from capture.errors import CaptureError
from capture.heads import Head
from capture.page import Exchange

__all__ = ["Effect", "Flow", "Once", "Reply", "Send", "Together", "Wait"]

T = TypeVar("T")


class Send(NamedTuple):
    """Send a GET request when its host's turn has come. The answer to this effect is a `Reply`."""

    url: str
    host: str
    """Whose turn it is."""
    interval: float
    """Seconds from this exchange of the host to its next one."""
    fields: tuple[tuple[str, str], ...]
    """Request fields beside those that every request has."""
    largest: int
    """Bytes read of the answer."""
    wanted: Callable[[Head], bool] | None = None
    """Tells from the head whether the body shall be read; otherwise the exchange is abandoned there."""


class Reply(NamedTuple):
    """The result of a request: an exchange, an error, or both where the exchange broke off."""

    exchange: Exchange | None
    error: CaptureError | None


class Wait(NamedTuple):
    """Wait. The answer to this effect is None."""

    seconds: float


class Together(NamedTuple):
    """Run flows at once. The answer is the list of their results, in this order."""

    flows: "list[Flow[Any]]"


class Once(NamedTuple):
    """Run a flow while no other flow with this key runs. The answer is its result."""

    key: str
    flow: "Flow[Any]"


Effect: TypeAlias = Send | Wait | Together | Once

Flow: TypeAlias = Generator[Effect, Any, T]
"""A generator that yields effects, is sent their answers, and returns a T."""

"""Identity keys of articles: the same article under two links has one key.

WeChat names an article by four parameters (`__biz` the account, `mid` the message, `idx` the place in the
message, `sn` a check number) and adds others that say only how somebody came by the link. A short link
`/s/XXXX` does not tell these four, so it is keyed by itself. Any other page is keyed by its canonical URL.

A key is for comparing, never for fetching: WeChat answers a link without `chksm` with a captcha shell, so the
URL as given stays beside the key wherever one is kept.
"""

import re
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit

from capture.addresses import remove_dots
from capture.errors import NotAWebAddress

__all__ = ["Identity", "NotAWebAddress", "identify", "identify_archived"]

_WECHAT = "mp.weixin.qq.com"

# Names under which links of all years carry the four; the first that has a value counts.
_WECHAT_NAMES = (
    ("__biz", "biz"),
    ("mid", "appmsgid"),
    ("idx", "itemidx"),
    ("sn", "sign"),
)

# Parameters that say how a reader came, and nothing of what is read. A trailing "*" stands for any rest.
_TRACKING = (
    "utm_*",  # Google Analytics and everybody after it
    # advertisers' clicks
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "igshid",
    # newsletters
    "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "vero_id", "oly_anon_id", "oly_enc_id",
    # site statistics, Western and Chinese
    "_ga", "_gl", "spm", "scm", "bd_vid", "hmsr", "hmpl", "hmcu", "hmkw", "hmci",
    "share_token", "share_from", "share_source", "weibo_id", "wxshare_count", "nsukey",  # sharing buttons
)  # fmt: skip
_TRACKING_EXACT = frozenset(name for name in _TRACKING if not name.endswith("*"))
_TRACKING_PREFIX = tuple(name[:-1] for name in _TRACKING if name.endswith("*"))

_DEFAULT_PORT = {"http": 80, "https": 443}
_FILE_PORT = {"ftp": 21, "ftps": 990}

# RFC 3986 §2.3; what need not be percent-encoded anywhere (§6.2.2.2).
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")

# White space and control characters, which tools leave in links by folding lines. A class: linear.
_BLANK = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\u3000\ufeff]+")

_SHORT = re.compile(r"/s/([\w-]{4,})/?$", re.ASCII)


class Identity(NamedTuple):
    """The identity of an article: links with the same identity lead to the same article."""

    key: str
    """Equal for two links to one article."""
    kind: str
    """`wechat` or `url`: how the key was made."""
    canonical: str
    """A readable address of the article, the same for all its links."""


def identify(url: str) -> Identity:
    """Return the identity of the article that a link leads to. Pure: nothing is fetched.

    Raises NotAWebAddress where the text is not an http or https URL with a host.
    """
    parts = _split(url)
    if _host(parts) == _WECHAT:
        query = _parameters(parts.query)
        if parts.path.startswith("/mp/wappoc_appmsgcaptcha") and query.get("target_url"):
            return identify(query["target_url"])  # the wall names the article that it stands before
        identity = _wechat(parts, query)
        if identity:
            return identity
    canonical = _canonical(parts)
    # The key leaves the scheme out: a site that moved to https did not write its articles anew.
    return Identity("url:" + canonical.partition(":")[2], "url", canonical)


def identify_archived(url: str) -> Identity:
    """Return the identity of an article that others may have captured: also from a server of FTP (RFC 1738 §3.2).

    The key of such a file has its scheme: the site of that host is another place. Raises NotAWebAddress.
    """
    text = url.strip()
    scheme = text.partition(":")[0].lower()
    if scheme not in _FILE_PORT:
        return identify(url)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise NotAWebAddress(f"{url[:200]!r} is no address of a file: {error}") from error
    if not parts.hostname:
        raise NotAWebAddress(f"{url[:200]!r} is no address of a file")
    authority = _host(parts) + (f":{port}" if port not in {None, _FILE_PORT[scheme]} else "")
    path = remove_dots(_encode(parts.path, "/:@!$&'()*+,;=")) or "/"
    canonical = f"{scheme}://{authority}{path}"
    return Identity(f"url:{canonical}", "url", canonical)


def _split(url: str) -> SplitResult:
    # A link that stands in HTML or in a folded line; both spellings mean the same link.
    text = _BLANK.sub(lambda match: "" if "\n" in match[0] or "\r" in match[0] else "%20", url.strip())
    text = text.replace("&amp;", "&")
    if text.startswith("//"):
        text = "https:" + text
    elif text.lower().startswith(_WECHAT + "/"):
        text = "https://" + text
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  # raises for a port that is no number
        host = parts.hostname
    except ValueError as error:  # such as "http://[broken"
        raise NotAWebAddress(f"{url[:200]!r} is not a web address: {error}") from error
    if parts.scheme.lower() not in _DEFAULT_PORT or not host:
        raise NotAWebAddress(f"{url[:200]!r} is not a web address")
    return parts


def _host(parts: SplitResult) -> str:
    """Host in lower case and in ASCII (RFC 3490), without the dot that may end it."""
    host = unquote(parts.hostname or "").rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:  # no name that DNS could hold; the key needs only to be the same each time
            host = quote(host, safe="", errors="surrogatepass")
    return f"[{host}]" if ":" in host else host.lower()


def _parameters(query: str) -> dict[str, str]:
    """Parameters by name, the first of each; `+` stays, because a base64 value may hold it."""
    values: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        values.setdefault(unquote(name), unquote(value).strip())
    return values


def _wechat(parts: SplitResult, query: dict[str, str]) -> Identity | None:
    """Return the identity of a WeChat article's link, None for WeChat's other pages."""
    if short := _SHORT.match(parts.path):
        return Identity(f"wechat:s/{short[1]}", "wechat", f"https://{_WECHAT}/s/{short[1]}")
    if parts.path.rstrip("/") not in {"/s", "/mp/appmsg/show"}:
        return None
    biz, mid, idx, sn = (next((query[name] for name in names if query.get(name)), "") for names in _WECHAT_NAMES)
    if not (biz and mid):
        return None  # a temporary link of a search engine, or a broken one
    known = [("__biz", biz), ("mid", mid), ("idx", idx or "1"), ("sn", sn)]
    pairs = [(name, quote(value, safe="=")) for name, value in known if value]
    key = "/".join(value for _, value in pairs)
    canonical = f"https://{_WECHAT}/s?" + "&".join(f"{name}={value}" for name, value in pairs)
    return Identity(f"wechat:{key}", "wechat", canonical)


def _canonical(parts: SplitResult) -> str:
    """Syntax-based normalisation (RFC 3986 §6.2.2, §6.2.3), without tracking parameters and fragment."""
    scheme = parts.scheme.lower()
    authority = _host(parts)
    if parts.port is not None and parts.port != _DEFAULT_PORT[scheme]:
        authority += f":{parts.port}"
    path = remove_dots(_encode(parts.path, "/:@!$&'()*+,;=")) or "/"
    parameters = [pair for pair in parts.query.split("&") if pair and not _is_tracking(pair.partition("=")[0])]
    query = _encode("&".join(parameters), "/?:@!$&'()*+,;=")
    return f"{scheme}://{authority}{path}" + (f"?{query}" if query else "")


def _is_tracking(name: str) -> bool:
    name = unquote(name).lower()
    return name in _TRACKING_EXACT or name.startswith(_TRACKING_PREFIX)


def _encode(text: str, safe: str) -> str:
    """Percent-encode what must be, decode what need not be, escapes in upper case. Idempotent."""
    text = quote(_STRAY_PERCENT.sub("%25", text), safe="%" + safe, errors="surrogatepass")
    return _ESCAPE.sub(_unescape, text)


def _unescape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()

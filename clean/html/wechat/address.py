"""Addresses of articles: what in them names the article, and what is a reader's own and not to be kept."""

import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

__all__ = ["Identity", "identity_in", "without_secrets"]

# Parameters that carry a reader's session. A bounded alternation up to the next parameter: linear.
_SECRET = re.compile(r"(?<=[?&])(?:key|uin|pass_ticket|wxtoken|exportkey|appmsg_token|poc_token|sessionid)=[^&#]*+&?")


class Identity(NamedTuple):
    """The four parameters that name an article; any may be empty."""

    biz: str = ""
    mid: str = ""
    idx: str = ""
    sn: str = ""

    def url(self) -> str:
        """Return the long address made of the four; empty where one of the first three is missing."""
        if not (self.biz and self.mid and self.idx):
            return ""
        return f"https://mp.weixin.qq.com/s?__biz={self.biz}&mid={self.mid}&idx={self.idx}" + (
            f"&sn={self.sn}" if self.sn else ""
        )


def identity_in(url: str) -> Identity:
    """Return what an address says; all empty for a short one."""
    try:
        values = parse_qs(urlsplit(url).query.replace("&amp;", "&"), max_num_fields=200)
    except ValueError:
        return Identity()
    names = (("__biz", "biz"), ("mid", "appmsgid"), ("idx", "itemidx"), ("sn", "sign"))
    found = (next((values[name][0] for name in pair if name in values), "") for pair in names)
    return Identity(*(value.strip() for value in found))


def without_secrets(url: str) -> str:
    """Leave out the parameters that carry the session of whoever saved the page."""
    return _SECRET.sub("", url).replace("?#", "#").replace("&#", "#").rstrip("?&")

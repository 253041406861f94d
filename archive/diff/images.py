"""Which image an address means, and what became of the images of a block."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from archive.diff.model import ImageChange, Relation

__all__ = ["IMAGE", "asset", "image_changes"]

# An image of Markdown: its description and its address. The classes leave out what ends them: linear.
IMAGE = re.compile(r"!\[([^\[\]\n]*)\]\(([^()\[\]\s]*)\)")

# The part of a WeChat image's path that names the image; what follows it is a size. Anchored: linear.
_WECHAT = re.compile(r"/(?:sz_)?mmbiz[a-z_]*/([^/]+)(?:/|$)")

# Ends of paths that name a file, whose query then only says how it is to be sent.
_FILES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".svg", ".tif", ".tiff")


def asset(address: str) -> str:
    """Return what an image's address means, whatever size, parameters or protocol it asks for."""
    try:
        parts = urlsplit(address)
    except ValueError:  # an address with a bad host, such as an unclosed bracket
        return address
    if wechat := _WECHAT.match(parts.path):
        return f"mmbiz:{wechat[1]}"
    if parts.scheme in {"http", "https", ""} and parts.path.lower().endswith(_FILES):
        return f"{parts.netloc.lower()}{parts.path}"
    return address.partition("#")[0]


def image_changes(
    old: str, new: str, old_payloads: Mapping[str, str], new_payloads: Mapping[str, str]
) -> tuple[ImageChange, ...]:
    """Return what became of the images of a block; payloads are sha256 in hex, by address, where they are known.

    An image is looked for by address, then by asset, then by payload; those that are left were replaced, in order.
    """
    before = [image[2] for image in IMAGE.finditer(old)]
    after = [image[2] for image in IMAGE.finditer(new)]
    if before == after:
        return ()
    changes: list[ImageChange] = []
    _take(before, after, {}, {}, None)
    for relation in (Relation.SAME_ASSET, Relation.SAME_PAYLOAD):
        if relation is Relation.SAME_ASSET:
            keys = {each: asset(each) for each in (*before, *after)}
            changes += _take(before, after, keys, keys, relation)
        else:
            changes += _take(before, after, _of(before, old_payloads), _of(after, new_payloads), relation, known=True)
    both = min(len(before), len(after))
    changes += [ImageChange(Relation.REPLACED, *pair) for pair in zip(before[:both], after[:both], strict=True)]
    changes += [ImageChange(Relation.REMOVED, each, "") for each in before[both:]]
    changes += [ImageChange(Relation.ADDED, "", each) for each in after[both:]]
    return tuple(changes)


def _take(
    before: list[str],
    after: list[str],
    old_keys: Mapping[str, str],
    new_keys: Mapping[str, str],
    relation: Relation | None,
    *,
    known: bool = False,
) -> list[ImageChange]:
    """Take from both lists the images that are the same by these keys, by the address itself where there is none."""
    waiting: dict[str, list[str]] = {}
    for each in after:
        if not known or each in new_keys:
            waiting.setdefault(new_keys.get(each, each), []).append(each)
    taken: list[ImageChange] = []
    left: list[str] = []
    gone: list[str] = []
    for each in before:
        candidates = waiting.get(old_keys.get(each, "" if known else each))
        if candidates:
            other = candidates.pop(0)
            gone.append(other)
            if relation:
                taken.append(ImageChange(relation, each, other))
        else:
            left.append(each)
    before[:] = left
    for each in gone:
        after.remove(each)
    return taken


def _of(addresses: list[str], payloads: Mapping[str, str]) -> dict[str, str]:
    """Return the payloads of addresses, which were asked for without their fragments."""
    known = {each: payloads.get(each, payloads.get(each.partition("#")[0])) for each in addresses}
    return {each: sha256 for each, sha256 in known.items() if sha256}

"""Letters about paper, as snapshots: one whose text changed."""

from pathlib import Path

from specimens import snapshot

from archive.collection.collection import Collection, Snapshot
from clean.pipeline import clean

__all__ = ["FIRST", "ROOT", "SECOND", "TOKEN", "keep", "text"]

TOKEN = "a-token-of-this-start"

ROOT = f"/{TOKEN}"
"""How the path of every address of the page begins."""

FIRST = """见字如面。

纸寿千年，绢保八百。

造纸先取青檀皮，沤、蒸、洗、晒，反复数月，方成皮料。捞纸的师傅一天要弯腰上千次。

墨分五色，笔有四德，都要靠纸来承受。

扫码入群，领取资料"""

SECOND = """见字如面。

纸寿千年，绢保五百。

造纸先取青檀皮，沤、蒸、洗、晒，反复数月，方成皮料。捞纸的师傅一天要弯腰上千次。

作者补记：文中年份，承读者指正。

扫码入群，领取资料"""


def text(number: int, body: str, *, day: str = "2026-03-04", **given: str) -> bytes:
    """Return a snapshot, fetched on a day."""
    return snapshot(number, body=body, **given).replace("2026-03-04", day).encode()


def keep(path: Path, *sources: bytes) -> None:
    """Clean snapshots and keep them, in this order."""
    with Collection.open(path) as collection:
        for number, source in enumerate(sources):
            collection.add([Snapshot(f"{number}.txt", source, clean(source))])

"""The week given away: as WACZ files, whole and in part, and as an index."""

from pathlib import Path
from typing import NamedTuple

from article import TITLE
from visits import Kept

from archive.catalogue.articles import Selection
from archive.collection.collection import Collection
from archive.export.cdxj import export_cdxj
from archive.export.selection import choose
from archive.export.signature import Signer, new_key
from archive.export.wacz import export_wacz

__all__ = ["Given", "give_away"]


class Given(NamedTuple):
    """What was exported; the part is one article with its four visits."""

    whole: Path
    part: Path
    index: Path


def give_away(kept: Kept, folder: Path) -> Given:
    """Export a collection into a folder; the WACZ files are signed."""
    new_key(folder / "key.pem")
    signer = Signer(folder / "key.pem")
    given = Given(folder / "whole.wacz", folder / "part.wacz", folder / "index.cdxj")
    with Collection.open(kept.path, create=False) as collection:
        export_wacz(choose(collection, Selection()), given.whole, signer=signer)
        export_cdxj(choose(collection, Selection()), given.index)
        export_wacz(choose(collection, Selection(articles=(TITLE,))), given.part, signer=signer)
    return given

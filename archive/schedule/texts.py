"""The clean texts of versions, to tell how much of one changed."""

from archive.collection.collection import Collection
from archive.errors import storage_errors
from archive.schedule.amount import amount
from archive.schedule.history import Event

__all__ = ["amount_of"]


def amount_of(collection: Collection, event: Event) -> float | None:
    """Return how much of the text an event changed, from 0 to 1; None where it changed no text.

    Raises Busy, Damaged or StorageError.
    """
    if event.before is None or event.after is None:
        return None
    return amount(_text(collection, event.before), _text(collection, event.after))


def _text(collection: Collection, version: int) -> str:
    with storage_errors(collection.catalogue.path):
        (record_id,) = collection.catalogue.one(
            "SELECT record_id FROM version JOIN record ON record.id = version.record WHERE version.id = ?", version
        )
    return collection.record(record_id).block.decode()

"""What can go wrong in giving a collection away.

ExportError
├── NothingSelected   the collection has no article that the selection means
├── NothingCaptured   there are snapshots, but no captures, and the form holds captures alone
├── AlreadyThere      something lies where the result should go
├── BadKey            the file is no key that signatures can be made with
└── MissingLibrary    the form needs a library that is not installed
"""

from archive.errors import ArchiveError

__all__ = ["AlreadyThere", "BadKey", "ExportError", "MissingLibrary", "NothingCaptured", "NothingSelected"]


class ExportError(ArchiveError):
    """Base of the errors of this package."""

    code = "export-error"


class NothingSelected(ExportError):
    """The collection has no article that the selection means."""

    code = "nothing-selected"
    hint = "Give fewer conditions, or none for the whole collection."


class NothingCaptured(ExportError):
    """There are snapshots, but no captures, and the form holds captures alone."""

    code = "nothing-captured"
    hint = "A snapshot is a text without the page, so no tool can replay it. Take bagit, ro-crate or markdown instead."


class AlreadyThere(ExportError):
    """Something lies where the result should go."""

    code = "already-there"
    hint = "Choose another name, or put an older export of the same form aside with --force."


class BadKey(ExportError):
    """The file is no key that signatures can be made with."""

    code = "bad-key"
    hint = "Name a private key on the curve P-384 in PEM without a password; --new-key makes one."


class MissingLibrary(ExportError):
    """The form needs a library that is not installed."""

    code = "missing-library"
    hint = "Install it with: pip install 'xuanzhi[export]'"

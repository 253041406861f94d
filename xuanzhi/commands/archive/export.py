"""`archive export`: a collection, or some of it, given away in a form that others read."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection, add_selection
from xuanzhi.words import word

__all__ = ["FORMATS", "add_arguments", "run"]

FORMATS = ("wacz", "cdxj", "bagit", "ro-crate", "markdown")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("format", choices=FORMATS, metavar="FORMAT", help=word("help.export.format"))
    parser.add_argument("out", metavar="OUT", help=word("help.export.out"))
    add_collection(parser)
    add_selection(parser)
    how = parser.add_argument_group(word("help.group.how"))
    how.add_argument("--force", action="store_true", help=word("help.export.force"))
    how.add_argument("--sign", metavar="KEY", default="", help=word("help.export.sign"))
    how.add_argument("--new-key", action="store_true", help=word("help.export.new-key"))
    how.add_argument("--check", action="store_true", help=word("help.export.check"))


def run(options: Namespace) -> int:
    """Export, or check an export; return the exit code."""
    from xuanzhi.cli.archive import export

    return export.check(options) if options.check else export.export(options)

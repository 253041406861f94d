"""The argument parser of all commands: help, version, output options, errors."""

import errno
import os
import sys
from argparse import SUPPRESS, Action, ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence

from xuanzhi.messages import N_, _
from xuanzhi.output.exits import Exit

TYPE_CHECKING = False  # as in `typing`, without the import, which a tenth of the start would go into
if TYPE_CHECKING:
    from argparse import _ActionsContainer
    from typing import NoReturn, TypeVar

    _Number = TypeVar("_Number", int, float)

__all__ = [
    "add_common",
    "add_jobs",
    "add_rules",
    "add_work_limits",
    "help_format",
    "new_parser",
    "number",
    "run_command",
    "show_version",
    "whole_number",
]


class _Parser(ArgumentParser):
    _mixing = False
    given: "Sequence[str]" = ()
    """What is being parsed: `--version` ends the parsing before it has read what follows."""

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]  # as argparse has it
        """Parse; a parser without sub-commands takes positional arguments also between and after options.

        argparse by itself leaves the last of several positional arguments empty, as soon as an option stands before it.
        """
        self.given = sys.argv[1:] if args is None else args
        if self._mixing or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False

    def error(self, message: str) -> "NoReturn":
        """Print what is wrong in one line, and where the help is; argparse would print the whole usage."""
        print(f"{self.prog}: {message}", file=sys.stderr)
        print(f"  {_('hint')}: {self.prog} --help", file=sys.stderr)
        raise SystemExit(Exit.USAGE)


def new_parser(command: str, description: str, examples: str) -> ArgumentParser:
    """Return a parser with the description, the examples and the options that every command has."""
    parser = _Parser(
        prog=command,
        description=description,
        epilog=examples,
        formatter_class=help_format,
        allow_abbrev=False,
    )
    add_common(parser)
    return parser


def help_format(prog: str) -> RawDescriptionHelpFormatter:
    """Return argparse's formatter for the terminal's width; to find that by itself, it would import `shutil`."""
    try:
        width = int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size().columns
    except (OSError, ValueError):  # no terminal
        width = 80
    return RawDescriptionHelpFormatter(prog, width=max(width - 2, 40))


_MOST = 10**12
"""What an option that is a number may come to: megabytes as bytes still fit into the 64 bits of SQLite and of files."""


def whole_number(least: int = -_MOST) -> Callable[[str], int]:
    """Return the type of an argument that is a whole number, `least` or more. It raises ArgumentTypeError."""
    return _within(
        int,
        least,
        N_("{text} is not a whole number from {least:,} to {most:,}"),
        N_("{text} is not a whole number, or has too many digits"),
    )


def number(least: float = -_MOST) -> Callable[[str], float]:
    """Return the type of an argument that is a number, `least` or more. It raises ArgumentTypeError."""
    return _within(
        float,
        least,
        N_("{text} is not a number from {least:,} to {most:,}"),
        N_("{text} is not a number, or has too many digits"),
    )


def _within(
    read: "Callable[[str], _Number]", least: "_Number", outside: str, unbounded: str
) -> "Callable[[str], _Number]":
    """Return the type of an argument; `outside` and `unbounded` say what is wrong, with and without a `least`."""

    def convert(text: str) -> "_Number":
        value: _Number | None
        try:
            value = read(text)
        except ValueError:  # also for more digits than Python reads
            value = None
        if value is None or not least <= value <= _MOST:  # which also holds for NaN (IEEE 754)
            raise ArgumentTypeError(
                _(outside, text=text[:40], least=least, most=_MOST) if least > -_MOST else _(unbounded, text=text[:40])
            )
        return value

    return convert


def add_rules(parser: "_ActionsContainer") -> None:
    """Add the option that names rules files: the field `rules`."""
    parser.add_argument(
        "-r",
        "--rules",
        metavar="TOML",
        action="append",
        default=[],
        help=_("use the rules in a TOML file in addition to the built-in ones"),
    )


def add_jobs(parser: "_ActionsContainer") -> None:
    """Add the option that sets the number of processes: the field `jobs`, 0 for as many as are worthwhile."""
    parser.add_argument(
        "-j",
        "--jobs",
        type=whole_number(0),
        default=0,
        metavar="N",
        help=_("number of processes (default: as many as are worthwhile)"),
    )


def add_work_limits(parser: "_ActionsContainer") -> None:
    """Add the options that limit what cleaning one input may cost: the fields of `LimitOptions`."""
    parser.add_argument(
        "--cpu-seconds",
        type=number(0),
        metavar="N",
        help=_(
            "seconds of processor time to clean one page, 0 for no limit (default: what collection.toml says, else "
            "{count})",
            count=120,
        ),
    )
    parser.add_argument(
        "--memory-megabytes",
        type=whole_number(0),
        metavar="N",
        help=_(
            "megabytes of memory to clean one page, 0 for no limit (default: what collection.toml says, else {count})",
            count=2048,
        ),
    )


def add_common(parser: ArgumentParser, *, version: bool = True) -> None:
    """Add the options that every command has: the fields of `OutputOptions`, and `--version`.

    Without `version`, `--version` may mean something else.
    """
    parser.add_argument("--json", action="store_true", dest="as_json", help=_("one JSON object per line, for programs"))
    parser.add_argument("-q", "--quiet", action="store_true", help=_("print errors only"))
    parser.add_argument(
        "-v", "--verbose", action="store_true", help=_("print a line for every input, however many there are")
    )
    parser.add_argument("--debug", action="store_true", help=_("show tracebacks"))
    if version:
        parser.add_argument(
            "--version", action=_ShowVersion, nargs=0, dest=SUPPRESS, default=SUPPRESS, help=_("print the version")
        )


def show_version(*, as_json: bool) -> None:
    """Print the version; as JSON with the engines at hand, what they are made of included.

    All of it is looked up only now, because help imports no other package.
    """
    from clean.version import ENGINES, __version__, engine_digest, engine_versions

    if not as_json:
        print(f"xuanzhi {__version__}")
        return
    import json

    engines = {name: {"engine": engine_digest(name), "versions": engine_versions(name)} for name in ENGINES}
    print(json.dumps({"event": "version", "version": __version__, "engines": engines}))


class _ShowVersion(Action):
    """Print the version and exit."""

    def __call__(
        self, parser: ArgumentParser, namespace: Namespace, values: object, option_string: str | None = None
    ) -> None:
        given = parser.given if isinstance(parser, _Parser) else ()
        show_version(as_json=getattr(namespace, "as_json", False) or "--json" in given)
        parser.exit()


def run_command(parser: ArgumentParser, arguments: Sequence[str] | None, action: Callable[[Namespace], int]) -> int:
    """Parse, act, and turn an error into a message and an exit code."""
    options = Namespace(debug=False)
    try:
        try:
            options = parser.parse_args(arguments)
            code = action(options)
        finally:  # also after the help or the version, which end by SystemExit
            sys.stdout.flush()
    except KeyboardInterrupt as error:
        return int(getattr(error, "exit_code", Exit.INTERRUPTED))
    except BrokenPipeError:
        # Whoever reads our output has seen enough, as `head` has.
        _end_output()
        return Exit.DONE
    except Exception as error:
        if isinstance(error, OSError) and _is_of_output(error):
            _end_output()
            print(f"{parser.prog}: {_('standard output cannot be written: {reason}', reason=error)}", file=sys.stderr)
            print(f"  {_('hint')}: {_('What is in the collection stays; run this again.')}", file=sys.stderr)
            return Exit.ALL_FAILED
        if options.debug:
            raise
        return _failed(parser.prog, options, error)
    return code


def _is_of_output(error: OSError) -> bool:
    """Whether it was standard output that could not be written: the error has no file, and came out of `print`.

    Errors of files have a name, and those of a collection are not OSErrors when they come here. A pipe that the system
    refuses has none either, and is a limit of the system.
    """
    if error.errno in {errno.EMFILE, errno.ENFILE, errno.ENOMEM}:
        return False
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    module = place.tb_frame.f_globals.get("__name__", "") if place is not None else ""
    return error.filename is None and error.errno is not None and module.startswith("xuanzhi.")


def _end_output() -> None:
    """Let what waits to be written to standard output go nowhere; Python would complain once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(command: str, options: Namespace, error: Exception) -> int:
    """Report an error that ends the whole command; return the exit code."""
    from xuanzhi.output.failures import ended_by, failure
    from xuanzhi.output.report import Report

    reason = failure(error)
    report = Report(command, as_json=options.as_json, quiet=options.quiet, debug=False)
    if options.as_json:
        report.event(event="error", file=None, code=reason.code, message=reason.message, hint=reason.hint or None)
    else:
        report.problem(N_("error"), "", 0, reason.message, reason.hint)
    return ended_by(error)

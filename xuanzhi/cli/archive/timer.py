"""`archive timer`: units for systemd and a line for cron, so that due visits are made without anybody."""

import re
import sys
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from zlib import crc32

from archive.schedule.policies import parse_duration
from xuanzhi.cli.options import add_collection
from xuanzhi.messages import _
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["TimerOptions", "add_arguments", "run"]

# Controls, which end a line of a unit or a crontab, and bytes that are not UTF-8, which systemd does not read; Python
# has them as surrogates. A class of single characters: linear.
_NOT_IN_LINES = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

# What besides may not stand in the path of a program (systemd's `string_is_safe`); it takes neither escapes nor `$$`.
_NOT_IN_PROGRAMS = re.compile(rf"{_NOT_IN_LINES.pattern}|[\"'\\]")

# What the name of a unit may not hold (systemd.unit(5)). A class of single characters: linear.
_NOT_IN_UNITS = re.compile(r"[^A-Za-z0-9:_.-]")


@dataclass(frozen=True)
class TimerOptions:
    """Which collection to visit, and how often."""

    every: str
    """A length of time, such as `15min`; at least a minute."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--every", metavar="TIME", default="15min", help=_("how often to check for due visits (default: 15min)")
    )
    add_collection(parser)


def run(options: TimerOptions) -> int:
    """Print a service, a timer and a line for a crontab; nothing is installed. Return the exit code."""
    folder = options.collection.resolve()
    if not (folder / "collection.toml").exists():
        raise UsageError(
            "no-collection-here", _("{path} is not a collection", path=folder), _("Name a collection with -c DIR.")
        )
    try:
        seconds = parse_duration(options.every)
    except ValueError as error:
        raise UsageError("bad-plan", str(error), _("archive add --help explains policies and intervals.")) from error
    if seconds < 60:
        raise UsageError(
            "timer-too-quick",
            _("a timer every {every} is too frequent", every=options.every),
            _("The minimum is one minute; `archive run --loop` visits as soon as something is due."),
        )
    python = Path(sys.executable)
    _check(folder, _NOT_IN_LINES)
    _check(python, _NOT_IN_PROGRAMS)
    name, units, line = _unit_name(folder), _units(folder, python, seconds), _crontab(folder, python, seconds)
    if options.output.as_json:
        Report.of("archive", options.output).event(event="timer", units=units, crontab=line)
        return Exit.DONE
    lines = [f"# ~/.config/systemd/user/{file}\n{text}" for file, text in units.items()]
    lines.append(f"# {_('save both files in that folder, then:')}")
    lines.append(f"systemctl --user daemon-reload\nsystemctl --user enable --now {name}.timer\n")
    lines.append(f"# {_('or add one line with `crontab -e`:')}\n{line}")
    # Always UTF-8, which both read: a question mark for what a terminal lacks would name another folder.
    sys.stdout.flush()
    sys.stdout.buffer.write(("\n".join(lines) + "\n").encode())
    return Exit.DONE


def _check(path: Path, unfit: re.Pattern[str]) -> None:
    """Raise UsageError for a path that cannot be written into a unit or a crontab."""
    if unfit.search(str(path)):
        raise UsageError(
            "timer-path",
            _("{path} has characters that a timer cannot hold", path=path),
            _("Rename it: line ends and other control characters, and bytes that are not UTF-8, end or spoil a line."),
        )


def _units(folder: Path, python: Path, seconds: float) -> dict[str, str]:
    """Return the files of a systemd service and its timer (systemd.service(5), systemd.timer(5)), by name."""
    name = _unit_name(folder)
    program = str(python).replace("%", "%%")
    command = f'"{program}" -m xuanzhi archive run -c {_escaped(str(folder))}'
    # 5: a site blocks us. That is patience and no failure of the service.
    service = f"""[Unit]
Description=Scheduled visits of {_line(folder)}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={command}
SuccessExitStatus=5
Nice=10
TimeoutStopSec=120
"""
    timed = f"""[Unit]
Description=Scheduled visits of {_line(folder)}

[Timer]
OnCalendar={_calendar(seconds)}
Persistent=true
RandomizedDelaySec={max(int(seconds // 20), 1)}

[Install]
WantedBy=timers.target
"""
    return {f"{name}.service": service, f"{name}.timer": timed}


def _crontab(folder: Path, python: Path, seconds: float) -> str:
    """Return a line for a crontab (crontab(5)).

    A percent sign ends the command there, unless a backslash stands before it that no other backslash precedes. An
    empty pair of quotes, which says nothing to the shell, keeps a backslash of the path away.
    """
    command = f"{quote(str(python))} -m xuanzhi archive run -q -c {quote(str(folder))}"
    # Not all at the full hour: the minute follows from the folder.
    minute = crc32(str(folder).encode()) % 60
    minutes = int(seconds // 60)
    if minutes < 60:
        when = f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"
    elif minutes < 24 * 60:
        when = f"{minute} */{minutes // 60} * * *"
    else:
        when = f"{minute} {minute % 6} * * *"
    return f"{when} " + command.replace("%", "''\\%")


def _calendar(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"*:0/{minutes}"
    return f"0/{minutes // 60}:00" if minutes < 24 * 60 else "daily"


def _unit_name(folder: Path) -> str:
    # A name has at most 255 characters, with its ending (systemd.unit(5)).
    return f"xuanzhi-{_NOT_IN_UNITS.sub('-', folder.name)[:100]}-{crc32(str(folder).encode()):08x}"


def _escaped(text: str) -> str:
    """Return a word of a command in a unit: quoted, and without what systemd would replace."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{inner}"'


def _line(folder: Path) -> str:
    """Return a folder as part of a line of a unit, which a backslash at its end would join to the next."""
    text = str(folder).replace("%", "%%")
    return f"{text}/" if text.endswith("\\") else text

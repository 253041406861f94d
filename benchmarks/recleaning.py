"""What cleaning anew costs beside cleaning: copies of snapshots, each under an address of its own.

    python benchmarks/recleaning.py [FOLDER] [--number N]

FOLDER holds snapshots (`seeds` by default). The commands run as users run them; times are wall clock.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# The address in front matter; one line.
_URL = re.compile(r"^url: .*$", re.MULTILINE)


def command(*arguments: str, folder: Path) -> tuple[float, str]:
    """Run a command; return its seconds and what it printed."""
    begin = time.monotonic()
    line = [sys.executable, "-m", "xuanzhi", *arguments]
    done = subprocess.run(line, cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    return time.monotonic() - begin, done.stdout


def size(folder: Path) -> int:
    """Return the bytes of a collection's plain files."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file() and "sqlite" not in each.name)


def main() -> None:
    """Make the copies, clean them, clean them anew twice, verify."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "seeds")
    parser.add_argument("--number", type=int, default=10_000)
    options = parser.parse_args()
    texts = [each.read_text("utf-8", "surrogateescape") for each in sorted(options.folder.glob("*.txt"))]
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "in").mkdir()
        for number in range(options.number):
            address = f'url: "https://mp.weixin.qq.com/s?__biz=MzI=&mid={number}&idx=1&sn=abc"'
            text = _URL.sub(address, texts[number % len(texts)], count=1)
            (work / "in" / f"{number}.txt").write_text(text, "utf-8", "surrogateescape")
        cleaned, _ = command("clean", "in/*.txt", "--quiet", folder=work)
        print(f"clean            {cleaned:6.1f} s  {options.number / cleaned:6.0f} a second")
        before = size(work / "collection")
        for turn in ("first", "second"):
            took, said = command("archive", "reclean", "--json", folder=work)
            summary = json.loads(said.splitlines()[-1])
            grown = size(work / "collection") - before
            pace, share = options.number / took, took / cleaned
            print(
                f"reclean, {turn:<7} {took:6.1f} s  {pace:6.0f} a second, {share:.2f} of clean's time;"
                f" {summary['captures']:,} captures, {summary['changed']:,} changed, {grown:,} bytes more"
            )
        took, said = command("archive", "verify", "--json", folder=work)
        print(f"verify           {took:6.1f} s  {json.loads(said.splitlines()[-1])}")


if __name__ == "__main__":
    main()

"""What people write about visits: the example that shows all keys is read, and shows what holds without them."""

from pathlib import Path

from archive.schedule import settings
from archive.schedule.settings import ScheduleSettings, read_settings


def test_the_example_names_all_keys_and_what_holds_without_them(tmp_path: Path) -> None:
    example = str(settings.__doc__).partition("\n\n")[2]
    (tmp_path / "collection.toml").write_text(example)
    read, usual = read_settings(tmp_path), ScheduleSettings()
    kept = ("defaults", "rest", "lease", "at_once", "allow_private", "requisites")
    assert [getattr(read, key) for key in kept] == [getattr(usual, key) for key in kept]
    assert [each.name for each in read.sources] == ["Paper"]
    assert [each.timeout for each in read.hooks] == [30.0]
    known = (*settings._SCHEDULE, *settings._SOURCE, *settings._HOOK)
    assert [key for key in known if key not in example] == []

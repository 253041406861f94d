"""Where tests must run, a skip is a failure."""

import os
from collections.abc import Callable, Generator

import pytest

__all__ = ["skips_fail"]


def skips_fail(variable: str) -> Callable[[], Generator[None, pytest.TestReport, pytest.TestReport]]:
    """Return a hook for a conftest.py, by which a skip is a failure where this environment variable is set."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.skipped and os.environ.get(variable):
            report.outcome = "failed"
            report.longrepr = f"skipped, and must not be: {report.longrepr}"
        return report

    return pytest_runtest_makereport

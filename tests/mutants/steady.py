"""A plugin of pytest for runs of mutants: hypothesis makes the same examples each time, and has no limit in seconds."""

from hypothesis import settings


def pytest_collection() -> None:
    """Choose the profile once conftest.py has chosen its own."""
    chosen = settings(settings.default, deadline=None, derandomize=True, database=None)
    settings.register_profile("mutants", chosen)
    settings.load_profile("mutants")

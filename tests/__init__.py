"""Tests; `tests.support` is shared by all."""

"""The version: the one place where it stands, and nothing else, so that it costs nothing to import."""

__version__ = "0.1.0"

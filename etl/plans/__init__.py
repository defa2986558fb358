"""Saved plans."""

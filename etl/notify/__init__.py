"""Telling somebody of a run: what is news, as JSON or as words for a chat, signed and sent.

Uses the log of runs and the session of extract. Decides nothing about a run, and can't change how one ended.
"""

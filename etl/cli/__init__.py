"""The command line: one module a command; each parses, calls and prints.

Uses every room. Holds no rule of the sync: what a command does is a function that Python could call too.
"""

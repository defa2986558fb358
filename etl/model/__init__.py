"""What rooms hand to each other: options and results, as frozen dataclasses.

Uses the errors. Computes nothing and reads nothing; a class belongs here where two rooms need it.
"""

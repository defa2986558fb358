"""Mutants of the product: small faults put into a copy of it, each of which some test must notice (docs/mutants.md)."""

"""Fuzzing of the parsers: `make fuzz`. pytest collects nothing here."""

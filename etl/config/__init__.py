"""Settings: the environment, a `.env` file and the file of sources, read and checked.

Uses contract and runtime. Opens nothing, and knows no command: a setting is a value, not what is done with it.
"""

"""Starts the command line: `etl`, or `python -m etl`."""

import gc
import os

from etl.runtime.limits import set_up


def main() -> None:
    """Set up the process, before anything large is imported, and run the command line."""
    # imports make much, and next to none of it garbage: looking for that is a tenth of the time of a small run
    gc.set_threshold(100_000, 20, 20)
    # looking for plugins, pydantic would read the metadata of every package that is installed
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")
    set_up(os.environ)
    from etl.cli.app import main as run  # noqa: PLC0415 — after the above

    try:
        run()
    except SystemExit as ended:
        from etl.runtime.signals import LEFT_BEHIND  # noqa: PLC0415 — as above

        if LEFT_BEHIND.is_set():
            os._exit(ended.code if isinstance(ended.code, int) else 1)
        raise


if __name__ == "__main__":
    main()

"""`etl` in a process whose Ray does not start.

python -m tests.support.broken_ray HOW ARGUMENTS…

HOW is what its raylet does: `dies` at once, `hangs`, or `dies-late`, some moments after it is up.
"""

import sys
import tempfile
from pathlib import Path

_SCRIPTS = {
    "dies": "echo 'no raylet today' >&2; exit 1",
    "hangs": "exec sleep 600",
    "dies-late": '"{raylet}" "$@" & sleep {seconds}; kill -9 $!; exit 1',
}


def main() -> None:
    """Run the command."""
    how = sys.argv[1]
    from ray._private import services  # noqa: PLC0415 — before the job's own settings of it, none of which concerns this

    script = Path(tempfile.mkdtemp(), "raylet")
    name, _, seconds = how.partition(":")
    script.write_text(
        "#!/bin/sh\n" + _SCRIPTS[name].format(raylet=services.RAYLET_EXECUTABLE, seconds=seconds)
    )
    script.chmod(0o755)
    services.RAYLET_EXECUTABLE = str(script)
    sys.argv = ["etl", *sys.argv[2:]]
    from etl.__main__ import main as etl  # noqa: PLC0415 — after the patch

    etl()


if __name__ == "__main__":
    main()

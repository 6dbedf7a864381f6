"""The command line: thin commands over the engine. Each command's module is imported only when it is called."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run `skulens ARGV...` (sys.argv without the program if None) and return its exit code.

    0 done, 1 some inputs failed, 2 usage, catalog or another trouble with a name, 70 a bug, 130 interrupted.
    """
    from engine.cli.app import run

    return run(argv)

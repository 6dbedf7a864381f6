"""Make a virtual environment hold what pyproject.toml asks for; at once done when it already does.

    python3 tools/prepare.py                      .venv with the runtime
    python3 tools/prepare.py --extra dev          ... and what the tests need
    python3 tools/prepare.py --venv .venv-frozen --extra frozen --portable

A stamp in the environment keeps the hash of everything that decides its content. It is written last, so that an
installation that was stopped half-way is done again. Only the standard library is used: nothing is installed yet.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import system_libraries

TOP = Path(__file__).resolve().parent.parent
#: hnswlib has no wheels; compiled here it would use what this processor has (-march=native) unless this is set.
PORTABLE = {"HNSWLIB_NO_NATIVE": "1"}


def wanted(extras: Sequence[str], venv: Path, portable: bool) -> str:
    """The hash of what the environment should hold: dependencies, extras, Python, place, how hnswlib is compiled."""
    declared = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    project = declared["project"]
    content = {
        "build": declared["build-system"],
        "scripts": project["scripts"],
        "dependencies": project["dependencies"],
        "extras": {name: project["optional-dependencies"][name] for name in sorted(extras)},
        "python": sys.version,
        "place": str(venv),
        "portable": portable,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def stamp(venv: Path, extras: Sequence[str]) -> Path:
    """Where the hash of an installation with these extras is kept."""
    return venv / "-".join(["installed", *sorted(extras)])


@contextlib.contextmanager
def one_at_a_time(venv: Path) -> Iterator[None]:
    """Hold a lock beside the environment, so that `make run` and `make test` may be started together."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with venv.with_name(venv.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def python_of(venv: Path) -> Path:
    """The interpreter of an environment."""
    return venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def run_quietly(command: Sequence[str | Path], log: Path, environment: dict[str, str]) -> None:
    """Run a command with its output in `log`; on failure show the end of it and stop."""
    with log.open("a", encoding="utf-8") as out:
        done = subprocess.run(
            command, cwd=TOP, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **environment}, check=False
        )
    if done.returncode:
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:]
        sys.exit("\n".join([*tail, f"Setting up stopped; the whole log is in {log}."]))


def install(venv: Path, extras: Sequence[str], portable: bool) -> None:
    """Create the environment if it is not usable and install the project with its extras, editable."""
    environment = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **(PORTABLE if portable else {})}
    python = python_of(venv)
    if not ((venv / "pyvenv.cfg").exists() and not moved(venv) and usable(python)):
        print(f"Creating {venv.name} with Python {sys.version.split()[0]} ...", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=False)
        if made.returncode:
            sys.exit("No virtual environment could be made. On Debian: sudo apt-get install python3-venv")
    log = venv / "install.log"
    log.unlink(missing_ok=True)
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet"]
    if portable:  # pip keeps what it compiled before; that may be for this processor only
        run_quietly([*pip, "--no-cache-dir", "--no-binary", "hnswlib", hnswlib_requirement()], log, environment)
    named = f".[{','.join(extras)}]" if extras else "."
    print(f"Installing the dependencies ({named}); the first time takes some minutes ...", flush=True)
    run_quietly([*pip, "--editable", named], log, environment)


def moved(venv: Path) -> bool:
    """Whether the checkout was moved or copied since: an environment's scripts name the place where it was made."""
    script = python_of(venv).with_name("pip")
    return script.is_file() and str(venv).encode() not in script.read_bytes()


def usable(python: Path) -> bool:
    """Whether an environment's interpreter and pip start; in a half-made one they do not."""
    try:
        return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def hnswlib_requirement() -> str:
    """What pyproject.toml asks of hnswlib."""
    declared = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    dependencies: list[str] = declared["project"]["dependencies"]
    return next(line for line in dependencies if line.startswith("hnswlib"))


def main() -> None:
    """Parse the command line, then install what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--venv", default=".venv", help="the environment's folder in the checkout")
    parser.add_argument("--extra", action="append", default=[], help="an extra of pyproject.toml; may be repeated")
    parser.add_argument("--portable", action="store_true", help="compile for every x86-64 processor, not for this one")
    parser.add_argument("--no-system", action="store_true", help="leave the system libraries alone")
    given = parser.parse_args()
    venv = TOP / given.venv
    with one_at_a_time(venv):
        hashed = wanted(given.extra, venv, given.portable)
        mark = stamp(venv, given.extra)
        if not (mark.is_file() and mark.read_text() == hashed):
            install(venv, given.extra, given.portable)
            mark.write_text(hashed)
        if not given.no_system:
            system_libraries.provide(venv / "system")


if __name__ == "__main__":
    main()

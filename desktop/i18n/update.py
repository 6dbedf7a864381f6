"""Collect all texts that a person reads, and compile the translations: `python -m desktop.i18n.update [--check]`.

The texts come from the window (`self.tr` and `translate`), and from the engine itself: sentences and remedies of its
errors, the remarks on degraded answers, reasons that it puts into errors, and what its codes of refused rows mean.
`--check` changes nothing and fails when something is missing, unfinished or not compiled.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

from desktop import refusals
from engine import errors
from engine.remarks import REMARKS
from engine.sync import errors as sync_errors

FOLDER = Path(__file__).parent
DESKTOP = FOLDER.parent
ENGINE = Path(errors.__file__).parent
SOURCE = FOLDER / "skulens_zh_CN.ts"


def engine_texts() -> Iterator[tuple[str, str]]:
    """Context and text of what the engine says to a person."""
    found: list[type[errors.EngineError]] = [errors.EngineError]
    while found:
        error = found.pop()
        found += error.__subclasses__()
        if error.__module__ in (errors.__name__, sync_errors.__name__):
            yield "Engine", error.sentence
            yield "Engine", error.remedy
    for remark in REMARKS.values():
        yield "EngineRemark", remark
    for meaning in refusals.MEANING.values():
        yield "Refusal", meaning
    for reason in sorted(set(_reasons())):
        yield "EngineReason", reason


def _reasons() -> Iterator[str]:
    """Constant texts that are given to errors as `reason`; those with values in them stay English."""
    for path in (*sorted(ENGINE.rglob("*.py")), *sorted(DESKTOP.glob("*.py"))):
        if "training" in path.parts or "cli" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "reason":
                given: ast.expr | None = node.value
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_broke":
                given = node.args[0]
            else:
                continue
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                yield given.value


def collect(target: Path) -> None:
    """Bring `target` (a .ts file) up to date; finished translations stay."""
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "engine_texts.py"
        lines = [f"translate({context!r}, {text!r})" for context, text in dict.fromkeys(engine_texts())]
        spoken.write_text("\n".join(["from PySide6.QtCore import QCoreApplication", *lines]) + "\n", encoding="utf-8")
        sources = sorted(path for path in DESKTOP.rglob("*.py") if path.name != "update.py")
        _tool("lupdate", "-silent", "-no-obsolete", "-locations", "none", *sources, spoken, "-ts", target)


def compile_translation(source: Path, target: Path) -> None:
    """Make the .qm of a .ts file."""
    _tool("lrelease", "-silent", source, "-qm", target)


def _tool(name: str, *arguments: str | Path) -> None:
    scripts = sysconfig.get_path("scripts")
    program = shutil.which(f"pyside6-{name}", path=scripts) or shutil.which(f"pyside6-{name}")
    if program is None:
        raise SystemExit(f"pyside6-{name} is not installed")
    subprocess.run([program, *map(str, arguments)], check=True)


def unfinished(source: Path) -> list[str]:
    """The texts of a .ts file that have no finished translation."""
    return [
        f"{context.findtext('name')}: {message.findtext('source')}"
        for context in ElementTree.parse(source).getroot().iter("context")
        for message in context.iter("message")
        if message.find("translation") is None
        or message.find("translation").get("type") is not None  # type: ignore[union-attr]
        or not message.findtext("translation")
    ]


def entries(source: Path) -> dict[tuple[str, str], str]:
    """Context and text of a .ts file, with the translation."""
    return {
        (context.findtext("name") or "", message.findtext("source") or ""): message.findtext("translation") or ""
        for context in ElementTree.parse(source).getroot().iter("context")
        for message in context.iter("message")
    }


def check() -> list[str]:
    """What is wrong with the translation as it is stored: missing texts, unfinished ones, a stale .qm."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / SOURCE.name
        shutil.copyfile(SOURCE, fresh)
        collect(fresh)
        stored, wanted = entries(SOURCE), entries(fresh)
        wrong = [f"not collected: {context}: {text}" for context, text in wanted.keys() - stored.keys()]
        wrong += [f"no longer used: {context}: {text}" for context, text in stored.keys() - wanted.keys()]
        wrong += [f"unfinished: {text}" for text in unfinished(SOURCE)]
        compiled = Path(folder) / "fresh.qm"
        compile_translation(SOURCE, compiled)
        if compiled.read_bytes() != SOURCE.with_suffix(".qm").read_bytes():
            wrong.append(f"{SOURCE.with_suffix('.qm').name} is not compiled from {SOURCE.name}")
    return sorted(wrong)


def main() -> int:
    """Update, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        wrong = check()
        print("\n".join(wrong) or "all texts are translated")
        return 1 if wrong else 0
    collect(SOURCE)
    compile_translation(SOURCE, SOURCE.with_suffix(".qm"))
    missing = unfinished(SOURCE)
    print("\n".join(missing))
    print(f"{len(missing)} of {len(entries(SOURCE))} texts have no translation yet", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The command table, and the one place where errors become sentences and exit codes.

A command is a function (or a typer.Typer with commands of its own) in a module of this package, named in COMMANDS. Its
module imports typer and the standard library on top and the engine inside the function, so that `--help` is quick and a
command pays only for what it uses. EngineError is not caught by commands; `run` says it to the user.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from engine.errors import DiskFull, EngineError, Interrupted

log = logging.getLogger(__name__)

COMMANDS = {
    "find": "engine.cli.find_command:find",
    "confirm": "engine.cli.confirm_command:confirm",
    "overlay": "engine.cli.overlay_command:app",
    "build": "engine.cli.build_command:build",
    "eval": "engine.cli.eval_command:evaluate",
    "catalog-check": "engine.cli.catalog_check_command:catalog_check",
    "info": "engine.cli.catalog_commands:info",
    "verify": "engine.cli.catalog_commands:verify",
    "rollback": "engine.cli.catalog_commands:rollback",
    "prune": "engine.cli.catalog_commands:prune",
    "doctor": "engine.cli.doctor_command:doctor",
    "sync": "engine.cli.sync_command:app",
    "publish": "engine.cli.publish_command:app",
    "train": "engine.cli.train_command:train",
    "adapt": "engine.cli.adapt_command:adapt",
    "encoder": "engine.cli.encoder_commands:app",
}
#: Wide enough that a line of help does not depend on the terminal; tests compare docs/cli.md with it.
CONTEXT = {"help_option_names": ["-h", "--help"], "terminal_width": 100}

FAILED, USAGE, BUG, INTERRUPTED = 1, 2, 70, 130


class LazyCommands(TyperGroup):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, or None if there is no such name."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            module, name = COMMANDS[cmd_name].split(":")
            found = getattr(importlib.import_module(module), name)
            if not isinstance(found, typer.Typer):
                alone = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=CONTEXT)
                alone.command(name=cmd_name, context_settings=CONTEXT)(found)
                found = alone
            command = get_command(found)
            command.name = cmd_name
            self.commands[cmd_name] = command
        return self.commands[cmd_name]


app = typer.Typer(
    name="skulens",
    cls=LazyCommands,
    add_completion=False,
    rich_markup_mode=None,  # plain help: rich is only imported by commands that draw tables
    pretty_exceptions_enable=False,
    context_settings=CONTEXT,
    help="In-store visual lookup: show an item, read its SKU, price, aisle and stock. Without arguments: the window.",
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(version("skulens"))
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say on stderr what happens, step by step.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options before the command."""
    from engine.logs import set_up

    set_up(verbose)
    log.info("skulens %s", context.invoked_subcommand)


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; see `engine.cli.main`."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a product name must not end the program on an old terminal
    try:
        code = _command(arguments)
        sys.stdout.flush()  # a full disk is met here, where it can be named, and not at the end of Python
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except Interrupted as error:
        say(error)
        return INTERRUPTED
    except EngineError as error:
        log.info("%s: %s", error.code, error.message, exc_info=log.isEnabledFor(logging.DEBUG))
        say(error)
        return USAGE
    except BrokenPipeError:
        _drop_output()  # the reader has gone, with what it wanted
        return 1
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            # Folders that fill up have been named where they were written; what is left is stdout in a file.
            say(DiskFull(folder="the output"))
            _drop_output()
            return USAGE
        log.info("a bug: %r", error, exc_info=True)
        with contextlib.suppress(OSError):
            print(f"Skulens made a mistake ({type(error).__name__}: {error}).", file=sys.stderr)
            print(f"Send the log file to your store IT: {log_file()}", file=sys.stderr)
        return BUG


def _command(arguments: list[str]) -> int:
    """Run a command to its end; its exit code."""
    try:
        get_command(app).main(arguments, prog_name="skulens")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return 0


def _drop_output() -> None:
    """Send what stdout still holds nowhere: Python flushes it again at its end, and that failure would be exit 120."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def say(error: EngineError) -> None:
    """An error to stderr: the sentence, then the advice."""
    with contextlib.suppress(OSError):
        print(error.message, file=sys.stderr)
        print(error.advice, file=sys.stderr)


def log_file() -> str:
    """Where the log is, for a sentence to the user."""
    from engine.config import log_folder
    from engine.logs import LOG_NAME

    return str(log_folder() / LOG_NAME)

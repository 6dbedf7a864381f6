"""Options that several commands share, and the settings they fall back to."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from engine.config import Settings
    from engine.records import Progress, ProgressCallback

log = logging.getLogger(__name__)

Provider = Literal["auto", "cpu", "cuda"]

CatalogOption = Annotated[
    Path | None,
    typer.Option("--catalog", metavar="DIR", help="Folder that holds CURRENT. Default: the settings', else the demo."),
]
ProviderOption = Annotated[
    Provider | None, typer.Option("--provider", help="Where the encoder runs. Default: the settings', else auto.")
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=0, help="Encoder threads; 0 is one a core. Default: the settings'.")
]
def _checked_channel(channel: str) -> str:
    """What a person gave as the name of a channel. Raises typer.BadParameter if it is none."""
    from engine.sync.layout import is_channel

    if not is_channel(channel):
        raise typer.BadParameter("lower-case letters, digits, - and _, at most 64")
    return channel


ChannelOption = Annotated[
    str,
    typer.Option("--channel", metavar="NAME", callback=_checked_channel, help="Which stores it is for."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings_with(provider: Provider | None = None, threads: int | None = None) -> Settings:
    """This user's settings with what the command line overrides; damaged settings are logged and not used."""
    from engine.config import Settings, profile_folder

    try:
        settings = Settings.model_validate_json((profile_folder() / "settings.json").read_bytes())
    except FileNotFoundError:
        settings = Settings()
    except (OSError, ValueError) as error:
        log.warning("settings not used: %s", error)
        settings = Settings()
    changes: dict[str, object] = {}
    if provider is not None:
        changes["provider"] = provider
    if threads is not None:
        changes["threads"] = threads
    return settings.model_copy(update=changes)


def catalog_folder(given: Path | None, settings: Settings) -> Path:
    """The folder that a command works on: the given one, the settings', else the demo, built now if it is not yet."""
    folder = given or settings.catalog
    if folder is not None:
        return folder
    from engine.demo import ensure_demo

    return ensure_demo(_say_once(), settings.provider)


def _say_once() -> ProgressCallback:
    """The demo takes some seconds on first use; a person should know why nothing comes."""
    said = False

    def say(progress: Progress, /) -> None:
        nonlocal said
        if not said:
            print("Building the demo catalog; this happens once.", file=sys.stderr, flush=True)
        said = True

    return say


def print_facts(facts: dict[str, object], as_json: bool) -> None:
    """Print what a command did: a line a fact, or one JSON object."""
    if as_json:
        from engine.cli import json_lines

        print(json_lines.line(facts))
        return
    for name, value in facts.items():
        told = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        print(f"{name.replace('_', ' '):12} {told}")

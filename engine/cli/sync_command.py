"""`skulens sync`: renew a catalog from what head office published."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.options import ChannelOption, JsonOption, ThreadsOption

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": 100},
    help="Renew a catalog from what head office published, if there is something new.\n\n"
    "Exit codes: 0 updated or unchanged, 10 busy, 11 offline, 12 untrusted or expired, 13 no space, 1 anything else. "
    "Whatever happens, the catalog that was active stays active until a new one is whole and verified.",
    invoke_without_command=True,
)

CatalogFolder = Annotated[Path, typer.Option("--catalog", metavar="DIR", help="The catalog folder.")]


@app.callback()
def sync(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Renew now, once.")] = False,
    catalog: Annotated[Path | None, typer.Option("--catalog", metavar="DIR", help="The catalog folder.")] = None,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """See the help of the app."""
    if context.invoked_subcommand is not None:
        return
    if not once or catalog is None:
        raise typer.BadParameter("--once and --catalog DIR are needed, or the command init", param_hint="sync")
    from engine.cli.options import settings_with
    from engine.sync.client import Around, renew
    from engine.sync.status import EXIT_CODES

    renewal = renew(catalog, Around(threads=settings_with(None, threads).threads))
    if as_json:
        print(renewal.model_dump_json())
    else:
        way = f" by {renewal.kind}, {renewal.fetched_bytes / 1e6:.1f} MB" if renewal.kind else ""
        print(f"{renewal.outcome.value}: version {renewal.version or 'none'}{way}")
        if renewal.trouble is not None:
            print(f"{renewal.trouble.message} {renewal.trouble.advice}", file=sys.stderr)
    raise typer.Exit(EXIT_CODES[renewal.outcome])


@app.command()
def init(
    catalog: CatalogFolder,
    source: Annotated[str, typer.Option("--source", metavar="ADDRESS", help="http(s) address, or a folder.")],
    root: Annotated[
        Path | None,
        typer.Option("--root", metavar="FILE", help="root.json from head office. Default: the one that is installed."),
    ] = None,
    channel: ChannelOption = "stable",
    proxy: Annotated[str | None, typer.Option("--proxy", metavar="ADDRESS", help="Default: the environment's.")] = None,
    ca_file: Annotated[
        Path | None, typer.Option("--ca-file", metavar="PEM", help="Certificates to believe instead of the system's.")
    ] = None,
    redirect_host: Annotated[
        list[str] | None,
        typer.Option("--redirect-host", metavar="HOST", help="May be redirected to; may be repeated."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="BYTES", min=0, help="Bytes a second; 0 is no limit.")] = 0,
    block_after: Annotated[
        float | None,
        typer.Option("--block-after", metavar="DAYS", min=0, help="Use no version whose signature expired longer ago."),
    ] = None,
) -> None:
    """Set where a catalog is renewed from, and whom it believes. A later --source never changes the root."""
    from engine.sync.settings import SyncSettings, set_up

    try:
        data = None if root is None else root.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{root}: {error.strerror}", param_hint="--root") from error
    settings = SyncSettings(
        source=source,
        channel=channel,
        proxy=proxy,
        ca_file=None if ca_file is None else str(ca_file.absolute()),
        redirect_hosts=tuple(redirect_host or ()),
        bytes_per_s=limit,
        block_after_days=block_after,
    )
    set_up(catalog, settings, data)
    print(f"{catalog} is renewed from {channel} of the source; try it with: skulens sync --once --catalog {catalog}")

"""`skulens publish`: a folder of signed, static files that stores renew their catalogs from."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import ChannelOption, JsonOption, print_facts

if TYPE_CHECKING:
    from engine.sync.repository import Repository

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": 100},
    help="Publish signed catalogs and stock for stores to renew theirs from.\n\n"
    "Passphrases of private keys come from SKULENS_KEY_PASSPHRASE, from SKULENS_KEY_PASSPHRASE_ROOT and so on for one "
    "role's, from a keyring (service skulens, user: the role), or are asked for.",
)

RepositoryArgument = Annotated[Path, typer.Argument(metavar="REPO", help="The published folder.")]
KeysOption = Annotated[
    Path | None, typer.Option("--keys", metavar="DIR", help="Folder of the private keys. Default: REPO.keys.")
]
WorkOption = Annotated[
    Path | None, typer.Option("--work", metavar="DIR", help="The publisher's own files. Default: REPO.work.")
]
ValidOption = Annotated[
    list[str] | None,
    typer.Option(
        "--valid",
        metavar="ROLE=DAYS",
        help="How long a role's signature is valid from now on; may be repeated. "
        "Default: what it was, at first root=365 targets=90 snapshot=7 timestamp=7 stock=1.",
    ),
]


@app.command()
def init(
    repo: RepositoryArgument,
    root_keys: Annotated[int, typer.Option("--root-keys", metavar="N", min=1, help="How many root keys.")] = 1,
    root_threshold: Annotated[
        int, typer.Option("--root-threshold", metavar="N", min=1, help="How many of them must sign.")
    ] = 1,
    keys: KeysOption = None,
    work: WorkOption = None,
    valid: ValidOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make keys and an empty repository, and root.json, which each store is given once."""
    if root_threshold > root_keys:
        raise typer.BadParameter("more than there are root keys", param_hint="--root-threshold")
    repository = _repository(repo, keys, work, valid)
    root = repository.init(root_keys, root_threshold)
    print_facts({"repository": str(repo), "keys": str(repository.keys.folder), "root": str(root)}, as_json)


@app.command()
def add(
    repo: RepositoryArgument,
    catalog: Annotated[Path, typer.Option("--catalog", metavar="DIR", help="Folder that holds CURRENT.")],
    channel: ChannelOption = "stable",
    deltas: Annotated[
        int, typer.Option("--deltas", metavar="N", min=0, max=60, help="From how many versions stores get a delta.")
    ] = 7,
    keys: KeysOption = None,
    work: WorkOption = None,
    valid: ValidOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish the active version of a catalog. Needs the keys of targets, snapshot and timestamp."""
    from engine.sync.publish import add_version

    added = add_version(_repository(repo, keys, work, valid), catalog, channel, deltas=deltas)
    document = added.document
    facts = {
        "channel": channel,
        "version": document.version,
        "products": document.manifest.counts.products,
        "snapshot_bytes": added.snapshot_bytes,
        "deltas_from": [delta.from_version for delta in document.deltas],
        "newest_delta_bytes": added.delta_bytes,
    }
    print_facts({"repository": str(repo), **facts}, as_json)


@app.command()
def rotate(
    repo: RepositoryArgument,
    roles: Annotated[list[str], typer.Argument(metavar="ROLE", help="root, targets, snapshot, timestamp, stock.")],
    keys: KeysOption = None,
    work: WorkOption = None,
    valid: ValidOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give roles new keys; the old ones go to retired/ and no store believes them any more."""
    made = _repository(repo, keys, work, valid).rotate(roles)
    print_facts({"repository": str(repo), "roles": roles, "new_keys": made}, as_json)


@app.command()
def refresh(
    repo: RepositoryArgument,
    also: Annotated[
        list[str] | None, typer.Option("--also", metavar="ROLE", help="Sign this role too: root, targets or stock.")
    ] = None,
    keys: KeysOption = None,
    work: WorkOption = None,
    valid: ValidOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign snapshot and timestamp again, so that stores know that nothing is withheld from them. For a nightly job."""
    repository = _repository(repo, keys, work, valid)
    repository.refresh(also or ())
    _print_expiries(repository, repo, None, as_json)


@app.command()
def stock(
    repo: RepositoryArgument,
    table: Annotated[Path, typer.Argument(metavar="STOCK", help="A table: sku, location, quantity, updated_at.")],
    channel: ChannelOption = "stable",
    keys: KeysOption = None,
    work: WorkOption = None,
    valid: ValidOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish how many are where; the catalog stays as it is. Needs the keys of stock, snapshot and timestamp."""
    from engine.ingest.products import clean_sku
    from engine.ingest.stock_table import read_stock
    from engine.ingest.tables import read_table
    from engine.sync.stock_file import to_bytes

    read = read_table(table)
    read.require("sku", "quantity")
    # Which products a store has is known to the store; it leaves out the others.
    found = read_stock(read, {clean_sku(row.get("sku")) for row in read.rows})
    for one in found.rejected:
        print(f"{one.file}, line {one.line}: {one.reason}", file=sys.stderr)
    data = to_bytes(found.levels)
    _repository(repo, keys, work, valid).stock(channel, data)
    facts = {"channel": channel, "levels": len(found.levels), "bytes": len(data), "refused": len(found.rejected)}
    print_facts({"repository": str(repo), **facts}, as_json)


@app.command("expire-check")
def expire_check(
    repo: RepositoryArgument,
    within: Annotated[
        float | None,
        typer.Option("--within", metavar="DAYS", min=0, help="Default: a quarter of each role's lifetime."),
    ] = None,
    keys: KeysOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say until when each role's signature is valid. Needs no passphrase; the exit code is 1 if one is due."""
    repository = _repository(repo, keys, None, None)
    if _print_expiries(repository, repo, None if within is None else timedelta(days=within), as_json):
        raise typer.Exit(1)


def _repository(repo: Path, keys: Path | None, work: Path | None, valid: list[str] | None) -> Repository:
    from engine.sync.keys import KeyFolder
    from engine.sync.passphrases import Passphrases
    from engine.sync.repository import Repository, beside

    passphrases = Passphrases(_ask if sys.stdin.isatty() else None)
    folder = KeyFolder(keys or beside(repo, "keys"), passphrases)
    return Repository(repo, folder, work=work, lifetimes=_lifetimes(valid or []))


def _lifetimes(given: list[str]) -> dict[str, timedelta]:
    from engine.sync.layout import ROLES

    found = {}
    for text in given:
        role, _, days = text.partition("=")
        if role not in ROLES:
            raise typer.BadParameter(f"the roles are {', '.join(ROLES)}", param_hint="--valid")
        try:
            found[role] = timedelta(days=float(days))
        except (ValueError, OverflowError) as error:
            raise typer.BadParameter(f"{text}: not ROLE=DAYS", param_hint="--valid") from error
        if not timedelta(minutes=1) <= found[role] <= timedelta(days=3650):
            raise typer.BadParameter(f"{text}: from a minute to 3650 days", param_hint="--valid")
    return found


def _ask(role: str, new: bool) -> str:
    """Ask on the terminal, where nothing is shown; twice for a passphrase that nobody knows yet."""
    import getpass

    while True:
        told = getpass.getpass("New passphrase for the private keys: " if new else f"Passphrase of the {role} key: ")
        if not new or not told or getpass.getpass("Once more: ") == told:
            return told
        print("The two are not the same.", file=sys.stderr)


def _print_expiries(repository: Repository, repo: Path, within: timedelta | None, as_json: bool) -> bool:
    """Print them; whether one is due."""
    from datetime import UTC, datetime

    from engine.cli import json_lines

    now = datetime.now(UTC)
    found = repository.expiries()
    if as_json:
        rows = [
            {
                "role": one.role,
                "version": one.version,
                "expires": json_lines.rfc3339(one.expires),
                "left_s": int(one.left_s(now)),
                "due": one.due(now, within),
            }
            for one in found
        ]
        print(json_lines.line({"repository": str(repo), "roles": rows}))
    else:
        for one in found:
            state = "EXPIRED" if one.left_s(now) <= 0 else "DUE" if one.due(now, within) else "ok"
            print(f"{state:8} {one.role}: valid until {json_lines.rfc3339(one.expires)}, version {one.version}")
    return any(one.due(now, within) for one in found)

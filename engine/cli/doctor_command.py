"""`skulens doctor`: check this machine in one command."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer

from engine.cli.options import CatalogOption, JsonOption, ProviderOption, ThreadsOption

#: Lists the cameras; the desktop puts its own here before it hands over to the command line, since the engine has none.
camera_names: Callable[[], Sequence[str]] | None = None


def doctor(
    catalog: CatalogOption = None,
    provider: ProviderOption = None,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check this machine: libraries, folders, provider, agreement and speed of the variants, camera, catalog.

    The exit code is 2 if something is wrong; notes are normal.
    """
    from dataclasses import asdict

    from engine.cli import json_lines
    from engine.cli.options import settings_with
    from engine.demo import demo_folder
    from engine.doctor import examine

    settings = settings_with(provider, threads)
    folder = catalog or settings.catalog or demo_folder()
    report = examine(folder, settings.provider, settings.threads, camera_names)
    if as_json:
        print(json_lines.line({"ok": report.ok, **asdict(report)}))
    else:
        for finding in report.findings:
            print(f"{finding.state:5} {finding.name}: {finding.detail}")
            if finding.advice:
                print(f"{'':5} {finding.advice}")
        for check in report.variants:
            print(
                f"      {check.variant:8} on {check.provider}: cosine to float32 {check.mean_cosine:.4f} "
                f"(least {check.min_cosine:.4f}, {check.pictures} pictures); loads in {check.load_ms:.0f} ms, "
                f"one row {check.one_row_ms:.1f} ms, two rows {check.two_rows_ms:.1f} ms"
            )
    if not report.ok:
        raise typer.Exit(2)

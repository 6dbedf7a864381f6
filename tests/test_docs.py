"""What the pages claim and a machine can check: links, commands, options, files, modules, column names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
PAGES = sorted([*TOP.glob("*.md"), *(TOP / "docs").glob("*.md"), *TOP.glob("catalogs/*/README.md")])
COMMAND = re.compile(r"\bskulens ([a-z]+)((?: [^\n`|]*)?)")
#: Words that follow the name in a sentence and are no command.
PROSE = {"is", "as", "and", "itself", "finds", "uses", "with"}


@cache
def help_of(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "desktop", *words, "--help"], cwd=TOP, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TOP).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    lost = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not lost


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TOP).as_posix())
def test_commands_and_options_exist(page: Path) -> None:
    for line in page.read_text(encoding="utf-8").splitlines():
        code = line if line.startswith("    ") else " ".join(re.findall(r"`([^`]+)`", line))
        for command, rest in COMMAND.findall(code):
            if command in PROSE:
                continue
            assert re.search(rf"^\s+{command}\b", help_of(), re.MULTILINE), line
            words = [command]
            first = (rest.split() or [""])[0]
            if first.isalpha() and re.search(rf"^\s+{first}\b ", help_of(command), re.MULTILINE):
                words.append(first)
            for option in re.findall(r"(?<!\S)\[?(--[a-z-]+)", rest):
                assert option in help_of(*words), (line, option)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TOP).as_posix())
def test_make_targets_and_tools_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    code = "\n".join([*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^    (.*)$", text, re.MULTILINE)])
    targets = set(re.findall(r"^([a-z]+):", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", code)) <= targets
    assert not [name for name in re.findall(r"\btools/[a-z_.-]+", code) if not (TOP / name.rstrip(".")).exists()]


def test_the_two_commands_of_the_readme() -> None:
    text = (TOP / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^    make run\b", text, re.MULTILINE) and re.search(r"^    make test\b", text, re.MULTILINE)


def test_every_room_is_on_the_architecture_page() -> None:
    page = (TOP / "docs" / "architecture.md").read_text(encoding="utf-8")
    family = re.compile(r"\b([a-z]+_)\{([a-z, ]+)\}")
    page = family.sub(lambda at: " ".join(at[1] + each for each in at[2].split(", ")), page)
    named = set(re.findall(r"[a-z_]+", page))
    files = {path.stem for path in (TOP / "engine").glob("[a-z]*.py")}
    folders = {path.parent.name for path in (TOP / "engine").glob("*/__init__.py")}
    assert not (files | folders) - named


def test_modules_on_the_architecture_page_exist() -> None:
    page = (TOP / "docs" / "architecture.md").read_text(encoding="utf-8")
    files = set(re.findall(r"\b((?:engine|desktop)/[a-z_/]+\.py)\b", page))
    assert files and not [name for name in files if not (TOP / name).is_file()]


def test_columns_of_the_demo_are_in_the_format() -> None:
    page = (TOP / "docs" / "catalog-format.md").read_text(encoding="utf-8")
    header = (TOP / "catalogs/demo/products.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    for column in header.split(","):
        general = re.sub(r"^(attr|name|description):.*", r"\1:", column.strip('"'))
        assert f"`{general}" in page, column


def test_the_index_names_every_page() -> None:
    index = (TOP / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in (TOP / "docs").glob("*.md")} - {"README.md"}
    assert pages == pages & set(re.findall(r"\]\(([^)]+)\)", index))


def test_no_path_of_a_machine_is_in_the_pages() -> None:
    for page in PAGES:
        assert not re.search(r"(?<![\w.])/(?:home|work|root|Users)/\w", page.read_text(encoding="utf-8")), page.name


def test_cuda_version_of_the_readme_is_that_of_the_installed_package() -> None:
    about = pytest.importorskip("onnxruntime.capi.build_and_package_info")
    if about.package_name != "onnxruntime-gpu":
        pytest.skip("this platform has the package without CUDA")
    text = (TOP / "README.md").read_text(encoding="utf-8")
    assert f"CUDA {about.cuda_version}" in text


def test_figures_of_the_encoder_are_those_that_were_measured() -> None:
    text = (TOP / "README.md").read_text(encoding="utf-8")
    variants = json.loads((TOP / "assets/encoder/encoder.json").read_text(encoding="utf-8"))["variants"]
    for name, digits in (("int8", 4), ("float16", 5)):
        agreement = variants[name]["agreement"]
        figures = [f"{agreement[key]:.{digits}f}" for key in ("mean_cosine", "p5_cosine", "min_cosine")]
        assert re.search(rf"^\| {name}, [^|]+\| {', '.join(figures)} \|", text, re.MULTILINE), (name, figures)
    assert f"{agreement['photos']:,} photos" in text

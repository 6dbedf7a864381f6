"""The libraries of the operating system that Qt needs and that no Python package brings: find what is missing, get it.

On Linux only. What is there already is left alone, and then nothing is downloaded. Root installs the packages with
apt-get. Anyone else gets them unpacked into the virtual environment, beside which tools/in-venv points the loader to
them; nothing outside the checkout changes. Where neither works, the line to run is printed.

    python3 tools/system_libraries.py           say what is missing (exit 1 if something is)
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

#: Shared library -> the Debian and Ubuntu package that brings it.
LIBRARIES = {
    # Qt itself, also without a screen
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    # camera and video: QtMultimedia is linked to the clients of PulseAudio and of X11, also without a screen
    "libpulse.so.0": "libpulse0",
    "libXrandr.so.2": "libxrandr2",
    # a window under X11
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    # the same under Wayland
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
#: Language that some installed font must be able to write -> a small package with such a font.
FONTS = {"en": "fonts-dejavu-core", "zh-cn": "fonts-wqy-microhei"}


def loads(library: str) -> bool:
    """Whether the dynamic loader finds a library, by the name that Qt asks for."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def writes(language: str) -> bool:
    """Whether fontconfig knows a font for a language."""
    try:
        fontconfig = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return False
    for name in ("FcNameParse", "FcObjectSetBuild", "FcFontList"):
        getattr(fontconfig, name).restype = ctypes.c_void_p
    pattern = ctypes.c_void_p(fontconfig.FcNameParse(f":lang={language}".encode()))
    wanted = ctypes.c_void_p(fontconfig.FcObjectSetBuild(b"family", None))
    found = fontconfig.FcFontList(None, pattern, wanted)
    return bool(found) and ctypes.cast(found, ctypes.POINTER(ctypes.c_int))[0] > 0  # FcFontSet begins with its count


def missing_packages(has: Callable[[str], bool] = loads, has_font: Callable[[str], bool] = writes) -> list[str]:
    """The packages whose library or font is not on this machine, sorted."""
    packages = {package for library, package in LIBRARIES.items() if not has(library)}
    packages |= {package for language, package in FONTS.items() if not has_font(language)}
    return sorted(packages)


def environment_file(root: Path) -> str:
    """Shell lines that point the loader, fontconfig and the keyboard tables to packages unpacked under `root`."""
    folders = sorted({str(file.parent) for file in root.rglob("lib*.so*") if file.is_file()})
    lines = [f"LD_LIBRARY_PATH={shlex.quote(':'.join(folders))}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"]
    names = ["LD_LIBRARY_PATH"]
    if (root / "usr/share/fonts").is_dir():
        lines.append(f"FONTCONFIG_FILE={shlex.quote(str(root / 'fonts.conf'))}")
        names.append("FONTCONFIG_FILE")
    if (root / "usr/share/X11/xkb").is_dir():
        lines.append(f"XKB_CONFIG_ROOT={shlex.quote(str(root / 'usr/share/X11/xkb'))}")
        names.append("XKB_CONFIG_ROOT")
    return "\n".join([*lines, "export " + " ".join(names)]) + "\n"


def fonts_file(root: Path) -> str:
    """A fontconfig file: the machine's own settings, if any, and the fonts under `root`."""
    return f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{root}/usr/share/fonts</dir>
  <cachedir>{root}/var/cache/fontconfig</cachedir>
</fontconfig>
"""


def unpack(archives: Sequence[Path], root: Path) -> None:
    """Unpack Debian packages under `root` and write beside them how to use them; whole or not at all."""
    fresh = root.with_name(root.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for archive in archives:
        subprocess.run(["dpkg", "-x", archive, fresh], check=True)
    shutil.rmtree(root, ignore_errors=True)
    fresh.rename(root)
    (root / "fonts.conf").write_text(fonts_file(root), encoding="utf-8")
    (root / "environment").write_text(environment_file(root), encoding="utf-8")


def fetch(packages: Sequence[str], root: Path, log: Path) -> bool:
    """Download packages and what they depend on without root, from the machine's own sources, and unpack them."""
    private = root.with_name(root.name + ".apt")
    shutil.rmtree(private, ignore_errors=True)
    (private / "state/lists/partial").mkdir(parents=True)
    (private / "cache/archives/partial").mkdir(parents=True)
    apt = [
        "apt-get",
        "-qq",
        f"-oDir::State={private}/state",
        "-oDir::State::status=/var/lib/dpkg/status",
        f"-oDir::Cache={private}/cache",
        "-oDebug::NoLocking=1",
        "-oAPT::Sandbox::User=",
        "-oAPT::Install-Recommends=0",
    ]
    with log.open("w", encoding="utf-8") as out:
        for command in ([*apt, "update"], [*apt, "--yes", "--download-only", "install", *packages]):
            if subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False).returncode:
                return False
    unpack(sorted((private / "cache/archives").glob("*.deb")), root)
    shutil.rmtree(private, ignore_errors=True)
    return True


def install(packages: Sequence[str], log: Path) -> bool:
    """Install packages as root."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("w", encoding="utf-8") as out:
        for command in (
            ["apt-get", "-qq", "update"],
            ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *packages],
        ):
            if subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, env=environment, check=False).returncode:
                return False
    return True


def missing_now(root: Path | None = None) -> list[str]:
    """What is still missing, asked in a new process: fontconfig lists the fonts once in the life of a process.

    With `root` the packages unpacked there are used too.
    """
    before = "" if root is None else f'. {shlex.quote(str(root / "environment"))} && '
    found = subprocess.run(
        ["sh", "-c", before + 'exec "$0" "$1" --names', sys.executable, str(Path(__file__).resolve())],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.split()


def provide(root: Path) -> None:
    """Make what Qt needs available, in `root` where the system may not be changed; stop with the line to run if not."""
    if sys.platform != "linux":
        return
    packages = missing_packages()
    if not packages or ((root / "environment").is_file() and not missing_now(root)):
        return
    line = "sudo apt-get install --no-install-recommends " + " ".join(packages)
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        absent = ", ".join(library for library in LIBRARIES if not loads(library)) or "a font for " + ", ".join(FONTS)
        sys.exit(f"This machine lacks what the window needs: {absent}.\nOn Debian and Ubuntu: {line}")
    log = root.with_name("system.log")
    if os.geteuid() == 0:
        print(f"Installing {len(packages)} system packages that the window needs ...", flush=True)
        done = install(packages, log)
        left = missing_now() if done else packages
    else:
        print(f"Fetching {len(packages)} system packages into {root.parent.name} (not root) ...", flush=True)
        done = fetch(packages, root, log)
        left = missing_now(root) if done else packages
    if left:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])
        sys.exit(f"{tail}\nThe window needs system packages that could not be fetched here. Run this once:\n  {line}")


def main() -> None:
    """Print what is missing: names only with --names, else the line that installs them."""
    packages = missing_packages() if sys.platform == "linux" else []
    if "--names" in sys.argv[1:]:
        print(" ".join(packages))
    elif packages:
        sys.exit("Missing. sudo apt-get install --no-install-recommends " + " ".join(packages))
    else:
        print("All system libraries that the window needs are here.")


if __name__ == "__main__":
    main()

"""Skulens needs no network: the real command and the real window run where there is none, and open no socket to one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Drawn

ROOT = Path(__file__).parent.parent


def namespace() -> list[str]:
    """The words that start a command in a network namespace of its own; skips where the kernel forbids it."""
    reasons = []
    for words in (["unshare", "-r", "-n", "--"], ["unshare", "-n", "--"]):
        try:
            done = subprocess.run([*words, "true"], capture_output=True, text=True, timeout=20, check=False)
        except FileNotFoundError:
            pytest.skip("there is no command unshare on this system")
        if done.returncode == 0:
            return words
        reasons.append(done.stderr.strip())
    pytest.skip(f"this kernel gives no network namespace: {'; '.join(reasons)}")


def environment() -> dict[str, str]:
    return os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
        "OMP_NUM_THREADS": "1",
    }


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the checkout."""
    return subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300, check=False
    )


def alone(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a namespace without a network."""
    return run(*namespace(), sys.executable, *arguments)


@pytest.fixture
def photo(tmp_path: Path, drawn: Drawn) -> Path:
    return drawn.save(drawn.picture("HAZEL", 1), tmp_path / "hazel 榛子.jpg")


def test_the_namespace_really_has_no_network() -> None:
    script = (
        "import socket\n"
        "for family, address in ((socket.AF_INET, ('192.0.2.1', 80)), (socket.AF_INET, ('127.0.0.1', 9))):\n"
        "    try: socket.create_connection(address, timeout=3)\n"
        "    except OSError as error: print(error.errno)\n"
        "print(open('/proc/net/dev').read().count(':'))\n"
    )
    lines = alone("-c", script).stdout.split()
    # 101: the network is unreachable. The only device is the loopback, and it is down.
    assert lines == ["101", "101", "1"]


def test_find_works_without_a_network(tiny_catalog: Path, photo: Path) -> None:
    done = alone("-m", "desktop", "find", str(photo), "--catalog", str(tiny_catalog), "--json", "--provider", "cpu")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["candidates"][0]["sku"] == "HAZEL"


def test_the_encoders_runtime_reports_nothing_to_its_maker(tiny_catalog: Path, photo: Path, tmp_path: Path) -> None:
    """ONNX Runtime's own telemetry keeps a device id and a queue of reports in the cache folder while it is on."""
    command = [sys.executable, "-m", "desktop", "find", str(photo), "--catalog", str(tiny_catalog), "--provider", "cpu"]
    caches = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path / "home")}
    bare = {name: value for name, value in environment().items() if name != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run(command, cwd=ROOT, env=bare | caches, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert not [path for path in tmp_path.rglob("*") if "onnxruntime" in path.name or "Microsoft" in path.name]


_WINDOW = """
import json, os, sys
from pathlib import Path

contacted = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
                 "socket.gethostbyname", "socket.gethostbyaddr", "urllib.Request", "http.client.connect"):
        if not (event in ("socket.connect", "socket.bind") and isinstance(arguments[1], (str, bytes))):
            contacted.append([event, repr(arguments[1:])])
sys.addaudithook(watch)

from PySide6.QtTest import QTest
from desktop.app import make_application
from desktop.camera import Camera
from desktop.window import Lanes, Window
from engine.config import Settings

def until(true, within_ms=120_000):
    spent = 0
    while not true() and spent < within_ms:
        QTest.qWait(20)
        spent += 20
    return true()

def foreign_sockets():
    # What Qt and native libraries open is not seen by Python's audit; the kernel's own list of this process is.
    unix = {line.split()[6] for line in Path("/proc/self/net/unix").read_text().splitlines()[1:]}
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try: name = os.readlink(link)
        except OSError: continue
        if name.startswith("socket:[") and name[8:-1] not in unix: found.append(name)
    return found

application = make_application(["skulens"])
settings = Settings(catalog=Path(sys.argv[1]), provider="cpu", threads=1)
window = Window(settings, Lanes.make(), Camera(), lambda new, _: new)
window.show()
window.start()
assert until(lambda: window.switch.current is not None), window.banner.said
window.look_up_files([Path(sys.argv[2])])
assert until(lambda: window.scan.card.answer is not None), window.banner.said
sku = window.scan.card.answer.result.candidates[0].product.sku
window.search()
window.bar.search.setText("hazel")
window.bar.search.textEdited.emit("hazel")
assert until(lambda: window.scan.search.first() is not None)
window.show_warehouse()
window._warehouse.add([Path(sys.argv[2])])
assert until(lambda: len(window._warehouse.model.rows) == 1)
sockets = foreign_sockets()
window.close()
print(json.dumps({"sku": sku, "contacted": contacted, "sockets": sockets}))
"""


def checked(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said == {"sku": "HAZEL", "contacted": [], "sockets": []}


def test_the_window_works_without_a_network(tiny_catalog: Path, photo: Path) -> None:
    checked(alone("-c", _WINDOW, str(tiny_catalog), str(photo)))


def test_with_a_network_the_window_contacts_nobody_either(tiny_catalog: Path, photo: Path) -> None:
    checked(run(sys.executable, "-c", _WINDOW, str(tiny_catalog), str(photo)))


@pytest.mark.skipif(not any((ROOT / "assets" / "samples").glob("**/*.jpg")), reason="no samples in this checkout")
@pytest.mark.slow
def test_the_smoke_test_passes_without_a_network() -> None:
    done = alone("-m", "desktop", "--smoke-test")
    assert done.returncode == 0, done.stderr
    assert "smoke test passed" in done.stdout

from __future__ import annotations

import logging
import pickle
import stat
import sys
import traceback
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.sync.errors import KeyMissing, KeyWrongPassphrase
from engine.sync.keys import KeyFolder
from engine.sync.passphrases import Passphrases
from tests.sync_repositories import PASSPHRASE


def keys(folder: Path, **environment: str) -> KeyFolder:
    return KeyFolder(folder, Passphrases(environment=environment))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "repo.keys"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_key_is_for_its_owner_alone_and_encrypted(folder: Path) -> None:
    signer = keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).create("root")
    (path,) = folder.iterdir()
    assert path.name == f"root-{signer.public_key.keyid[:16]}.pem"
    assert (mode(folder), mode(path)) == (0o700, 0o600)
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    with pytest.raises(TypeError):
        pem.load_pem_private_key(path.read_bytes(), None)


def test_a_key_opens_again_and_signs_for_its_public_half(folder: Path) -> None:
    made = keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).create("targets")
    keyid = made.public_key.keyid
    (opened,) = keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).signers("targets", [keyid])
    made.public_key.verify_signature(opened.sign(b"said"), b"said")


def test_the_roles_own_passphrase_goes_before_the_general_one(folder: Path) -> None:
    made = keys(folder, SKULENS_KEY_PASSPHRASE="general", SKULENS_KEY_PASSPHRASE_ROOT="own").create("root")
    ids = [made.public_key.keyid]
    assert keys(folder, SKULENS_KEY_PASSPHRASE="own").signers("root", ids)
    assert keys(folder, SKULENS_KEY_PASSPHRASE="other", SKULENS_KEY_PASSPHRASE_ROOT="own").signers("root", ids)
    with pytest.raises(KeyWrongPassphrase, match="root"):
        keys(folder, SKULENS_KEY_PASSPHRASE="general").signers("root", ids)


@pytest.mark.parametrize("environment", [{}, {"SKULENS_KEY_PASSPHRASE": "wrong"}, {"SKULENS_KEY_PASSPHRASE": ""}])
def test_without_the_passphrase_it_does_not_open(folder: Path, environment: dict[str, str]) -> None:
    made = keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).create("stock")
    with pytest.raises(KeyWrongPassphrase):
        keys(folder, **environment).signers("stock", [made.public_key.keyid])


def test_no_key_is_made_without_a_passphrase(folder: Path) -> None:
    with pytest.raises(KeyWrongPassphrase):
        keys(folder).create("root")
    assert not folder.exists()


def test_a_person_is_asked_once_for_new_keys_and_thrice_for_old_ones(folder: Path) -> None:
    asked: list[tuple[str, bool]] = []

    def ask(role: str, new: bool) -> str:
        asked.append((role, new))
        return PASSPHRASE if new or len(asked) == 4 else "typed wrong"

    making = KeyFolder(folder, Passphrases(ask, {}))
    ids = [making.create(role).public_key.keyid for role in ("root", "targets")]
    assert asked == [("root", True)]
    opening = KeyFolder(folder, Passphrases(ask, {}))
    assert opening.signers("root", ids[:1])
    assert asked[1:] == [("root", False)] * 3
    assert opening.signers("targets", ids[1:])
    assert len(asked) == 4  # what opened one key is tried on the others


def test_a_person_who_gives_up_is_left_alone(folder: Path) -> None:
    made = keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).create("root")
    asked: list[str] = []

    def ask(role: str, new: bool) -> str:
        asked.append(role)
        return ""

    with pytest.raises(KeyWrongPassphrase):
        KeyFolder(folder, Passphrases(ask, {})).signers("root", [made.public_key.keyid])
    assert asked == ["root"]


def test_the_passphrase_may_come_from_a_keyring(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).create("snapshot")
    (tmp_path / "keyring.py").write_text(
        "def get_password(service, user):\n"
        f"    return {PASSPHRASE!r} if (service, user) == ('skulens', 'snapshot') else None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    assert keys(folder).signers("snapshot", [made.public_key.keyid])
    with pytest.raises(KeyWrongPassphrase):
        keys(folder).create("timestamp")
    sys.modules.pop("keyring", None)


def test_a_keyring_that_fails_is_passed_over_and_not_quoted(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "keyring.py").write_text("def get_password(service, user):\n    raise OSError('hunter2 is locked')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    with pytest.raises(KeyWrongPassphrase):
        keys(folder).create("root")
    sys.modules.pop("keyring", None)
    assert "OSError" in caplog.text and "hunter2" not in caplog.text


def test_the_key_itself_may_come_from_the_environment(folder: Path, tmp_path: Path) -> None:
    made = keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).create("timestamp")
    (path,) = folder.iterdir()
    empty = tmp_path / "nothing"
    environment = {"SKULENS_KEY_TIMESTAMP": path.read_text(), "SKULENS_KEY_PASSPHRASE": PASSPHRASE}
    assert keys(empty, **environment).signers("timestamp", [made.public_key.keyid])
    plain = Ed25519PrivateKey.generate()
    text = plain.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption()).decode()
    with pytest.raises(KeyMissing):  # it opens, and is another key than is wanted
        keys(empty, SKULENS_KEY_TIMESTAMP=text).signers("timestamp", [made.public_key.keyid])


def test_too_few_keys_say_where_they_should_be(folder: Path) -> None:
    made = keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).create("root")
    with pytest.raises(KeyMissing) as caught:
        keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).signers("root", [made.public_key.keyid, "ab" * 32], 2)
    assert "root" in caught.value.message and str(folder) in caught.value.message


def test_a_file_that_holds_another_key_than_its_name_says_is_not_used(folder: Path) -> None:
    holder = keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE)
    one, other = (holder.create("root").public_key.keyid for _ in range(2))
    (folder / f"root-{one[:16]}.pem").replace(folder / f"root-{other[:16]}.pem")
    with pytest.raises(KeyMissing):
        keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).signers("root", [other])


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_damaged_key_file_is_a_typed_error(folder: Path, content: bytes) -> None:
    made = keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).create("root")
    (path,) = folder.iterdir()
    path.write_bytes(content)
    with pytest.raises(KeyWrongPassphrase):
        keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).signers("root", [made.public_key.keyid])


def test_retired_keys_are_kept_apart(folder: Path) -> None:
    holder = keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE)
    old, new, other = (holder.create(role).public_key.keyid for role in ("root", "root", "stock"))
    assert holder.retire("root", [new]) == [folder / "retired" / f"root-{old[:16]}.pem"]
    assert holder.retire("root", [new]) == []
    assert {path.name for path in folder.glob("*.pem")} == {f"root-{new[:16]}.pem", f"stock-{other[:16]}.pem"}
    if sys.platform != "win32":
        assert mode(folder / "retired") == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_key_that_others_could_read_is_closed_to_them_and_said(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).create("root")
    (path,) = folder.iterdir()
    path.chmod(0o644)
    assert keys(folder, SKULENS_KEY_PASSPHRASE=PASSPHRASE).signers("root", [made.public_key.keyid])
    assert mode(path) == 0o600 and "could be read by other users" in caplog.text


def test_no_secret_shows_in_reprs_logs_errors_or_tracebacks(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    passphrases = Passphrases(lambda role, new: PASSPHRASE, {"SKULENS_KEY_PASSPHRASE_ROOT": f"{PASSPHRASE}-wrong"})
    holder = KeyFolder(folder, passphrases)
    signer = holder.create("targets")
    (path,) = folder.glob("targets-*.pem")
    clear = pem.load_pem_private_key(path.read_bytes(), PASSPHRASE.encode())
    assert isinstance(clear, Ed25519PrivateKey)
    raw = clear.private_bytes_raw()
    told = [repr(passphrases), repr(holder), str(holder.__dict__), str(passphrases.for_new("root")), repr(signer)]
    told += [repr(list(passphrases.to_open("root"))), repr(vars(passphrases)["_told"])]
    path.rename(folder / f"root-{signer.public_key.keyid[:16]}.pem")
    fresh = KeyFolder(folder, Passphrases(environment={"SKULENS_KEY_PASSPHRASE": f"{PASSPHRASE}-wrong"}))
    try:
        fresh.signers("root", [signer.public_key.keyid])
        pytest.fail("it opened with a wrong passphrase")
    except KeyWrongPassphrase as error:
        told += [str(error), repr(error), repr(error.fields), "".join(traceback.format_exception(error))]
    everything = "\n".join([*told, caplog.text])
    assert len(everything) > 200
    for secret in (PASSPHRASE, raw.hex(), repr(raw), "BEGIN"):
        assert secret not in everything
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(holder)

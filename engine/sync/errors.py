"""What can go wrong in a renewal and its publishing, in one tree.

    SyncError
    ├── SyncNotSetUp           no source was set for this catalog
    ├── SourceUnreachable      no connection, or the server says that it cannot
    ├── SourceMisbehaved       wrong length or range, too slow, endless, redirected elsewhere
    ├── NotTrusted             a signature, hash, version or role does not fit what is trusted
    ├── MetadataExpired        what was signed is too old to be believed
    ├── DownloadDamaged        what arrived cannot be unpacked or read, or unpacks to too much
    ├── VersionNotUsable       a version that does not verify, or that a newer Skulens has made
    ├── NoSpaceForSync         the disk is too small; refused before anything is fetched
    ├── SyncBusy               another process renews this catalog
    └── PublishError
        ├── NotARepository     a folder in which `skulens publish init` never was
        ├── RepositoryExists   `skulens publish init` where there is one
        ├── KeyMissing         a private key that is needed is not there
        ├── KeyWrongPassphrase a private key that does not open
        ├── RoleUnknown        no role of this name
        └── VersionNotNewer    what would be published is not newer than what is

As in `engine.errors`, each has a sentence and an advice.
"""

from __future__ import annotations

from engine.errors import EngineError


class SyncError(EngineError):
    """A renewal that did not come to its end; the active catalog is as it was."""

    code = "sync"


class SyncNotSetUp(SyncError):
    """Fields: folder."""

    code = "sync_not_set_up"
    sentence = "{folder} has no source to be renewed from."
    remedy = "Set one with `skulens sync init --source ADDRESS --root root.json --catalog {folder}`."


class SourceUnreachable(SyncError):
    """Fields: server, file, reason."""

    code = "source_unreachable"
    sentence = "{server} cannot be reached for {file} ({reason})."
    remedy = "Check the network and the address; the catalog stays as it is and the next renewal tries again."


class SourceMisbehaved(SyncError):
    """Fields: server, file, reason."""

    code = "source_misbehaved"
    sentence = "{server} did not send {file} as it should ({reason})."
    remedy = "Nothing was changed. If it happens again, tell whoever runs the server."


class NotTrusted(SyncError):
    """Fields: server, file, reason."""

    code = "not_trusted"
    sentence = "What {server} offers as {file} is not what head office signed ({reason})."
    remedy = "Nothing was changed. Tell head office: its publishing went wrong, or somebody has changed the files."


class MetadataExpired(SyncError):
    """Fields: server, file, expired (UTC, text)."""

    code = "metadata_expired"
    sentence = "The signature on {file} of {server} was valid until {expired}."
    remedy = (
        "The catalog stays in use. Check the clock of this machine, and ask head office for `skulens publish refresh`."
    )


class DownloadDamaged(SyncError):
    """Fields: file, reason."""

    code = "download_damaged"
    sentence = "{file} arrived damaged ({reason})."
    remedy = "Nothing was changed; the next renewal fetches it again."


class VersionNotUsable(SyncError):
    """Fields: version, reason."""

    code = "version_not_usable"
    sentence = "Version {version} cannot be used here ({reason})."
    remedy = "The catalog stays as it is. Tell head office the version and the reason."


class NoSpaceForSync(SyncError):
    """Fields: folder, needed_mb, free_mb."""

    code = "no_space_for_sync"
    sentence = "The renewal needs {needed_mb} MB on the disk of {folder}, and {free_mb} MB are free."
    remedy = "Free some space; the catalog stays as it is and the next renewal tries again."


class SyncBusy(SyncError):
    """Fields: folder."""

    code = "sync_busy"
    sentence = "{folder} is being renewed by another process."
    remedy = "Wait until it is done, or stop it and try again."


class PublishError(SyncError):
    """A repository that cannot be published to; what is published stays as it was."""

    code = "publish"


class NotARepository(PublishError):
    """Fields: folder, reason."""

    code = "not_a_repository"
    sentence = "{folder} is no published repository ({reason})."
    remedy = "Check the folder, or make one with `skulens publish init`."


class RepositoryExists(PublishError):
    """Fields: folder."""

    code = "repository_exists"
    sentence = "There is a repository in {folder} already."
    remedy = "Choose an empty folder; a new repository would have other keys, and no store would trust it."


class KeyMissing(PublishError):
    """Fields: role, folder."""

    code = "key_missing"
    sentence = "The private key of {role} is not in {folder}."
    remedy = "Name the folder of the keys with --keys, or bring the key from where it is kept."


class KeyWrongPassphrase(PublishError):
    """Fields: role."""

    code = "key_wrong_passphrase"
    sentence = "The private key of {role} does not open with this passphrase."
    remedy = "Set SKULENS_KEY_PASSPHRASE, or type it again."


class RoleUnknown(PublishError):
    """Fields: role, roles."""

    code = "role_unknown"
    sentence = "There is no role {role}."
    remedy = "The roles are {roles}."


class VersionNotNewer(PublishError):
    """Fields: channel, version, published."""

    code = "version_not_newer"
    sentence = "Version {version} is not newer than {published}, which is published in {channel}."
    remedy = "Build the catalog anew, or publish the folder that it was built in."

"""All errors that a user can meet, in one tree.

    EngineError
    ├── ImageError
    │   ├── ImageNotFound          no such file
    │   ├── ImageIsFolder          a folder was given where a picture belongs
    │   ├── ImageEmpty             zero bytes
    │   ├── ImageUnreadable        not a picture, or damaged
    │   ├── ImageTruncated         a picture that ends too early
    │   ├── ImageTooLarge          more pixels than the limit, refused before decoding
    │   ├── ImageFileTooLarge      more bytes than the limit, refused before reading
    │   └── ImageTooSmall          too few pixels to recognise anything
    ├── EncoderError
    │   ├── EncoderMissing         no encoder with this id is at hand
    │   ├── EncoderDamaged         a file does not match its SHA-256, or is not a model we accept
    │   ├── EncoderOutput          the session returned something that is not a unit vector
    │   ├── AdapterMismatch        adapted from another encoder than made the stored features
    │   └── ProviderUnavailable    the forced provider does not work here
    ├── CatalogError
    │   ├── CatalogMissing         no CURRENT in this folder
    │   ├── CatalogDamaged         a digest, size, header or count does not fit
    │   ├── CatalogNewer           written by a newer version of Skulens
    │   ├── CatalogEncoderMismatch the catalog was made with another encoder
    │   ├── CatalogBusy            another process builds or changes it
    │   ├── CatalogSigned          it came signed from elsewhere and is not changed here
    │   ├── FeaturesMissing        what an earlier build encoded is not all there
    │   ├── NoPreviousGeneration   nothing to roll back to
    │   ├── UnknownSku             a SKU that the catalog does not hold
    │   ├── OverlayDamaged         the file of confirmations cannot be used
    │   └── UnknownFeedback        no confirmation with this number that could be undone
    ├── SourceError
    │   ├── SourceMissing          no products file
    │   ├── SourceUnreadable       the file cannot be parsed at all
    │   ├── SourceColumns          a required column is missing
    │   ├── SourceTooLarge         unpacked it would exceed the limit
    │   └── SourceWithoutPhotos    no usable photo at all
    ├── QueriesError               a queries file of `skulens eval` that cannot be used
    ├── TrainingError
    │   ├── ExtraMissing           an optional extra is not installed
    │   ├── TrainingData           too few or unusable photos for calibration or training
    │   ├── CheckpointUnusable     a checkpoint that is damaged, or of another network, recipe or photos
    │   └── TrainingDiverged       the loss was not a number
    ├── StorageError
    │   ├── DiskFull
    │   ├── NotWritable
    │   └── SettingsDamaged
    ├── CameraError
    │   ├── CameraMissing
    │   ├── CameraLost
    │   ├── CameraDenied
    │   ├── StreamUnreachable
    │   └── VideoUnreadable        a video file that cannot be played
    ├── NoScreen                   the window was asked for where there is no screen
    └── Interrupted                the user stopped it; what was done so far is kept

A bug is not in this tree: it stays ValueError or AssertionError and reaches the crash report.

Each class has a sentence for the user and an advice, as `str.format` templates over the keyword arguments that it was
raised with. The fields travel with the error, so that the window can show both in another language.
"""

from __future__ import annotations

from typing import ClassVar


class EngineError(Exception):
    """What a user can meet and do something about.

    `code` is stable and goes into JSON; `message` and `advice` are English sentences; `fields` are the values in them.
    """

    code: ClassVar[str] = "error"
    sentence: ClassVar[str] = "Something went wrong."
    remedy: ClassVar[str] = "Try again; if it happens again, send the log file to your store IT."

    def __init__(self, **fields: object) -> None:
        self.fields = fields
        self.message = self.sentence.format(**fields)
        self.advice = self.remedy.format(**fields)
        super().__init__(f"{self.message} {self.advice}")


class ImageError(EngineError):
    """A picture that cannot be looked up."""

    code = "image"


class ImageNotFound(ImageError):
    """Fields: name."""

    code = "image_not_found"
    sentence = "There is no file {name}."
    remedy = "Check the name, or drop the picture on the window again."


class ImageIsFolder(ImageError):
    """Fields: name."""

    code = "image_is_folder"
    sentence = "{name} is a folder, not a picture."
    remedy = "Choose a picture in it, or open the folder in the warehouse view."


class ImageEmpty(ImageError):
    """Fields: name."""

    code = "image_empty"
    sentence = "{name} is empty."
    remedy = "Copy the picture again from where it came."


class ImageUnreadable(ImageError):
    """Fields: name, reason."""

    code = "image_unreadable"
    sentence = "{name} cannot be read as a picture ({reason})."
    remedy = "Open it in another program and save it as JPEG or PNG."


class ImageTruncated(ImageError):
    """Fields: name."""

    code = "image_truncated"
    sentence = "{name} ends too early; a part of the picture is missing."
    remedy = "Copy the picture again from where it came."


class ImageTooLarge(ImageError):
    """Fields: name, width, height, limit_megapixels."""

    code = "image_too_large"
    sentence = "{name} has {width} x {height} pixels; the limit is {limit_megapixels} megapixels."
    remedy = "Save a smaller copy and try again."


class ImageFileTooLarge(ImageError):
    """Fields: name, size_mb, limit_mb."""

    code = "image_file_too_large"
    sentence = "{name} has {size_mb} MB; the limit for a picture is {limit_mb} MB."
    remedy = "Save a smaller copy and try again."


class ImageTooSmall(ImageError):
    """Fields: name, width, height, minimum."""

    code = "image_too_small"
    sentence = "{name} has only {width} x {height} pixels; at least {minimum} in each direction are needed."
    remedy = "Take the picture again from closer."


class EncoderError(EngineError):
    """The model that turns pictures into vectors cannot be used."""

    code = "encoder"


class EncoderMissing(EncoderError):
    """Fields: encoder_id."""

    code = "encoder_missing"
    sentence = "The encoder {encoder_id} that this catalog needs is not on this machine."
    remedy = "Install the version of Skulens that made the catalog, or build the catalog again."


class EncoderDamaged(EncoderError):
    """Fields: name, reason."""

    code = "encoder_damaged"
    sentence = "The encoder file {name} is damaged ({reason})."
    remedy = "Install Skulens again, or copy the encoder folder again."


class EncoderOutput(EncoderError):
    """Fields: provider, reason."""

    code = "encoder_output"
    sentence = "The encoder gave no usable answer on {provider} ({reason})."
    remedy = "Start with --provider cpu and run `skulens doctor`."


class AdapterMismatch(EncoderError):
    """Fields: folder, encoder_id, found."""

    code = "adapter_mismatch"
    sentence = "The encoder {encoder_id} was adapted from another than {found}, which encoded the photos in {folder}."
    remedy = "Run `skulens build` once more for this catalog, then adapt it."


class ProviderUnavailable(EncoderError):
    """Fields: provider, reason."""

    code = "provider_unavailable"
    sentence = "The provider {provider} does not work on this machine ({reason})."
    remedy = "Leave --provider out to let Skulens choose, or run `skulens doctor`."


class CatalogError(EngineError):
    """A catalog that cannot be opened or changed."""

    code = "catalog"


class CatalogMissing(CatalogError):
    """Fields: folder."""

    code = "catalog_missing"
    sentence = "There is no catalog in {folder}."
    remedy = "Choose the folder that holds the file CURRENT, or build a catalog with `skulens build`."


class CatalogDamaged(CatalogError):
    """Fields: folder, reason."""

    code = "catalog_damaged"
    sentence = "The catalog in {folder} is damaged ({reason})."
    remedy = "Go back with `skulens rollback`, or build it again."


class CatalogNewer(CatalogError):
    """Fields: folder, found, supported."""

    code = "catalog_newer"
    sentence = "The catalog in {folder} has format {found}; this version of Skulens reads up to {supported}."
    remedy = "Update Skulens on this machine."


class CatalogEncoderMismatch(CatalogError):
    """Fields: folder, needed, found."""

    code = "catalog_encoder_mismatch"
    sentence = "The catalog in {folder} was made with the encoder {needed}, but {found} is loaded."
    remedy = "Build the catalog again with `skulens build`, or install the encoder that it names."


class CatalogBusy(CatalogError):
    """Fields: folder."""

    code = "catalog_busy"
    sentence = "Another process is changing the catalog in {folder}."
    remedy = "Wait until it has finished, then try again."


class CatalogSigned(CatalogError):
    """Fields: folder."""

    code = "catalog_signed"
    sentence = "The catalog in {folder} came signed from elsewhere; a change here would break its updates."
    remedy = "Run this where the catalog is built, and publish the result."


class FeaturesMissing(CatalogError):
    """Fields: folder, found, needed."""

    code = "features_missing"
    sentence = "The catalog in {folder} has stored features of only {found} of its {needed} photos."
    remedy = "Run `skulens build` for it with its own encoder; features are kept in features.sqlite beside CURRENT."


class NoPreviousGeneration(CatalogError):
    """Fields: folder."""

    code = "no_previous_generation"
    sentence = "The catalog in {folder} has no earlier version to go back to."
    remedy = "Build the catalog again from its source."


class UnknownSku(CatalogError):
    """Fields: sku, where."""

    code = "unknown_sku"
    sentence = "The SKU {sku} ({where}) is not in this catalog."
    remedy = "Correct the SKU, or leave it empty for an item that is not in the catalog."


class OverlayDamaged(CatalogError):
    """Fields: folder, reason."""

    code = "overlay_damaged"
    sentence = "The confirmations in {folder} cannot be used ({reason})."
    remedy = "Move overlay.sqlite to another folder: Skulens then begins a new one; lookups go on without it."


class UnknownFeedback(CatalogError):
    """Fields: number, folder."""

    code = "unknown_feedback"
    sentence = "There is no confirmation {number} in {folder} that could be undone."
    remedy = "List them with `skulens overlay list`."


class SourceError(EngineError):
    """A retailer's files that no catalog can be built from."""

    code = "source"


class SourceMissing(SourceError):
    """Fields: folder."""

    code = "source_missing"
    sentence = "There is no products.csv, products.xlsx or products.jsonl in {folder}."
    remedy = "Put a products file with at least a column `sku` there."


class SourceUnreadable(SourceError):
    """Fields: name, reason."""

    code = "source_unreadable"
    sentence = "{name} cannot be read ({reason})."
    remedy = "Save it again from your spreadsheet as CSV (UTF-8) or XLSX."


class SourceColumns(SourceError):
    """Fields: name, missing, found."""

    code = "source_columns"
    sentence = "{name} has no column {missing}; it has: {found}."
    remedy = "Add the column; its name goes in the first row."


class SourceTooLarge(SourceError):
    """Fields: name, size_mb, limit_mb."""

    code = "source_too_large"
    sentence = "{name} would take {size_mb} MB unpacked; the limit is {limit_mb} MB."
    remedy = "Split the file, or save it as CSV."


class SourceWithoutPhotos(SourceError):
    """Fields: folder, refused."""

    code = "source_without_photos"
    sentence = "No usable photo was found for the products in {folder} ({refused} refused)."
    remedy = (
        "Put photos in images/<sku>/ or name them in the column `images`; rejected.csv beside the catalog says what "
        "was refused and why. The old catalog is unchanged."
    )


class QueriesError(EngineError):
    """Fields: name, reason."""

    code = "queries"
    sentence = "{name} cannot be used as a list of queries ({reason})."
    remedy = "Give it the columns `path` and `sku`; paths are relative to the file."


class TrainingError(EngineError):
    """Making or measuring an encoder went wrong."""

    code = "training"


class ExtraMissing(TrainingError):
    """Fields: command, extra, package."""

    code = "extra_missing"
    sentence = "`{command}` needs the package {package}, which is not installed."
    remedy = "Install it with: pip install 'skulens[{extra}]'"


class TrainingData(TrainingError):
    """Fields: folder, reason."""

    code = "training_data"
    sentence = "The photos in {folder} cannot be used ({reason})."
    remedy = "Give a folder with more readable photos."


class CheckpointUnusable(TrainingError):
    """Fields: name, reason."""

    code = "checkpoint_unusable"
    sentence = "The checkpoint {name} cannot be used ({reason})."
    remedy = "Train with the options and sources that it was made with, or begin anew in another folder."


class TrainingDiverged(TrainingError):
    """Fields: step, photos."""

    code = "training_diverged"
    sentence = "The loss was not a number in step {step}; the batch showed: {photos}."
    remedy = "Look at these photos, or train with a lower learning rate; the last checkpoint is kept."


class StorageError(EngineError):
    """A disk that does not do what it should."""

    code = "storage"


class DiskFull(StorageError):
    """Fields: folder."""

    code = "disk_full"
    sentence = "There is no space left on the disk of {folder}."
    remedy = "Free some space and try again; nothing that was stored before is lost."


class NotWritable(StorageError):
    """Fields: folder, reason."""

    code = "not_writable"
    sentence = "{folder} cannot be written ({reason})."
    remedy = "Choose another folder, or ask your store IT for the right to write there."


class SettingsDamaged(StorageError):
    """Fields: name, reason."""

    code = "settings_damaged"
    sentence = "The settings file {name} cannot be read ({reason}); the defaults are used."
    remedy = "Set what you need again; the old file is kept beside it."


class CameraError(EngineError):
    """A camera or stream that gives no picture."""

    code = "camera"


class CameraMissing(CameraError):
    """No fields."""

    code = "camera_missing"
    sentence = "No camera is connected."
    remedy = "Plug a camera in, or drop a photo on the window."


class CameraLost(CameraError):
    """Fields: name."""

    code = "camera_lost"
    sentence = "The camera {name} was unplugged."
    remedy = "Plug it in again; Skulens goes on by itself."


class CameraDenied(CameraError):
    """Fields: name."""

    code = "camera_denied"
    sentence = "The camera {name} is used by another program or access to it is not allowed."
    remedy = "Close the other program, or allow camera access in the system's privacy settings."


class StreamUnreachable(CameraError):
    """Fields: name, reason."""

    code = "stream_unreachable"
    sentence = "The stream {name} gives no picture ({reason})."
    remedy = "Check its address and the network; Skulens tries again by itself."


class VideoUnreadable(CameraError):
    """Fields: name, reason."""

    code = "video_unreadable"
    sentence = "The video {name} cannot be shown ({reason})."
    remedy = "Choose another file, or a camera."


class NoScreen(EngineError):
    """No fields."""

    code = "no_screen"
    sentence = "There is no screen for the window (neither DISPLAY nor WAYLAND_DISPLAY is set)."
    remedy = "Use the command line, as in `skulens find photo.jpg`, or start Skulens on a desktop."


class Interrupted(EngineError):
    """The user stopped a long task. No fields."""

    code = "interrupted"
    sentence = "Stopped."
    remedy = "Start it again to go on where it stopped."

"""Which files the frozen application does without: parts of Qt and of ONNX Runtime that nothing in Skulens uses."""

from __future__ import annotations

from fnmatch import fnmatch

#: Patterns over the place of a file in the application.
UNUSED = (
    # Qt: no QML, no web view, no 3-D, no PDF reading, no databases (SQLite is Python's own), no on-screen keyboard
    "*Qt6Qml*", "*Qt6Quick*", "*QtQml.*", "*QtQuick.*",
    "*Qt6WebEngine*", "*Qt63D*", "*Qt6Charts*", "*Qt6DataVisualization*", "*Qt6Graphs*",
    "*Qt6Pdf*", "*Qt6Sql*", "*Qt6VirtualKeyboard*", "*Qt6Designer*", "*Qt6Test*", "*Qt6Labs*", "*Qt6ShaderTools*",
    "PySide6/Qt/qml/*", "PySide6/qml/*",
    "*/plugins/sqldrivers/*", "*/plugins/platforminputcontexts/*virtualkeyboard*", "*/plugins/imageformats/libqpdf*",
    "*/plugins/platforms/libqvnc*", "*/plugins/platforms/libqlinuxfb*", "*/plugins/platforms/libqeglfs*",
    "*/plugins/platforms/libqvkkhrdisplay*", "*/plugins/platforms/libqminimal*", "*/plugins/egldeviceintegrations/*",
    # GTK's theme would bring the building machine's GTK with it
    "*/plugins/platformthemes/libqgtk3*", "libgtk-3.*", "libgdk-3.*", "libgdk_pixbuf-*", "libatk-*", "libatspi*",
    "libcairo*", "libpango*", "libpangocairo*", "libpixman*", "libepoxy*", "libfribidi*", "libthai*", "libdatrie*",
    "*/plugins/generic/*", "*/plugins/networkinformation/*", "*/plugins/qmltooling/*",
    # Qt's own sentences: only those languages that Skulens speaks
    "PySide6/Qt/translations/qtwebengine*", "PySide6/Qt/translations/designer*", "PySide6/Qt/translations/linguist*",
    "PySide6/Qt/translations/assistant*", "PySide6/Qt/translations/qt_help*",
    # what packages bring for their tests, for compilers and for pip; pip's notes name folders of the building machine
    "*.dist-info/direct_url.json", "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED",
    "*/tests/*", "*.pyi", "*.h", "*.a",
)  # fmt: skip
#: QtMultimedia's FFmpeg plugin is linked to these, though nothing here is written in QML.
NEEDED_BY_VIDEO = ("Qml", "QmlMeta", "QmlModels", "QmlWorkerScript", "Quick")
#: ONNX Runtime's GPU providers: 280 MB that serve only a machine with an NVIDIA card and the CUDA libraries.
GPU = (
    "*onnxruntime_providers_cuda*", "*onnxruntime_providers_tensorrt*",
    "*libcudart*", "*libcublas*", "*libcudnn*", "nvidia/*",
)  # fmt: skip
#: What begins a language's file of Qt's translations, e.g. qtbase_zh_CN.qm.
LANGUAGES = ("_en.qm", "_zh_CN.qm")


def unwanted(place: str, with_cuda: bool = False) -> bool:
    """Whether a file is left out; `place` is its path in the application, with forward or backward slashes."""
    place = place.replace("\\", "/")
    if library(place) in NEEDED_BY_VIDEO:
        return False
    if "PySide6/Qt/translations/" in place or "PySide6/translations/" in place:
        return not place.endswith(LANGUAGES) or any(fnmatch(place, pattern) for pattern in UNUSED)
    patterns = UNUSED if with_cuda else UNUSED + GPU
    return any(fnmatch(place, pattern) for pattern in patterns)


def library(place: str) -> str:
    """The name of a library of Qt without what the systems put around it: libQt6Qml.so.6 and Qt6Qml.dll are Qml."""
    name = place.rsplit("/", 1)[-1].removeprefix("lib").split(".")[0]
    return name.removeprefix("Qt6") if name.startswith("Qt6") else ""

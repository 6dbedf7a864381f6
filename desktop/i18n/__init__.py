"""The window's languages. English is the source; `skulens_<language>.qm` holds each translation."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

#: What the settings offer: code and own name.
LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
FOLDER = Path(__file__).parent

_installed: list[QTranslator] = []


def chosen_language(wish: str, platform: str) -> str:
    """The language to speak: the wish, else the platform's if we have it, else English. Pure."""
    for code in (wish, platform):
        if code in LANGUAGES:
            return code
        # Every Chinese reader is better served by Simplified Chinese than by English.
        if code.split("_")[0] == "zh":
            return "zh_CN"
        if code.split("_")[0] == "en":
            return "en"
    return "en"


def speak(wish: str) -> str:
    """Install the translation for `wish` ('' follows the platform) into the application; which language it became."""
    application = QCoreApplication.instance()
    if application is None:
        raise AssertionError("an application must exist before it speaks")
    for translator in _installed:
        application.removeTranslator(translator)
    _installed.clear()
    language = chosen_language(wish, QLocale.system().name())
    if language != "en":
        for name, folder in (
            (f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
            (f"skulens_{language}", str(FOLDER)),
        ):
            translator = QTranslator(application)
            if translator.load(name, folder):
                application.installTranslator(translator)
                _installed.append(translator)
    # Numbers and prices read as the language does; a platform in the same language keeps its own habits.
    system = QLocale.system()
    QLocale.setDefault(system if system.name().startswith(language.split("_")[0]) else QLocale(language))
    return language

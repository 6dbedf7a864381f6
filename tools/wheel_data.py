"""A hook of hatchling: a wheel carries the data inside `engine/resources`; an editable install reads the checkout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))


class DataFiles(BuildHookInterface):
    """Adds the files that tools/shipped.py names."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the wheel is put together; `version` is "standard" or "editable"."""
        if version != "standard":
            return
        from shipped import data_files

        for path, place in data_files():
            build_data["force_include"][str(path)] = f"engine/resources/{place}"

"""One settings model, units beside the defaults, and the folders of this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field

APP_NAME = "skulens"

ProviderWish = Literal["auto", "cpu", "cuda"]


class Limits(BaseModel):
    """Bounds on what a stranger's file may cost us."""

    model_config = ConfigDict(frozen=True)

    image_megapixels: float = 80.0
    image_file_bytes: int = 100_000_000
    image_min_side_px: int = 8
    xlsx_unpacked_bytes: int = 400_000_000
    table_file_bytes: int = 500_000_000
    table_cell_chars: int = 32_000
    name_chars: int = 500
    sku_chars: int = 128


class Settings(BaseModel):
    """What a person or store IT may change. Stored as JSON in the profile folder."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    catalog: Path | None = None
    provider: ProviderWish = "auto"
    threads: int = Field(default=0, ge=0, description="encoder threads; 0 is one a core")
    language: str = Field(default="", description="'' follows the platform; 'en', 'zh_CN'")
    location: str = Field(default="", description="this store's stock location, shown first")
    camera: str = Field(default="", description="'' is the first; a camera's name, a video file or an rtsp:// address")
    candidates: int = Field(default=5, ge=1, le=50)
    stock_stale_after_s: int = 4 * 3600
    catalog_old_after_s: int = 3 * 24 * 3600
    keep_scan_pictures: bool = False
    keep_confirmed_pictures: bool = Field(default=True, description="so that a new encoder can look at them again")
    encrypt_confirmed_pictures: bool = Field(default=False, description="with a key in the profile folder")
    confirmed_picture_days: int = Field(default=365, ge=0, description="then they are erased; 0 keeps them for ever")
    limits: Limits = Limits()


def resources() -> Path:
    """The folder that holds `assets/` and `catalogs/`: the checkout, a wheel's data, or the frozen application's."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return Path(frozen)
    packaged = Path(__file__).parent / "resources"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent


def encoder_folder() -> Path:
    """The encoder that comes with the application."""
    return resources() / "assets" / "encoder"


def demo_source() -> Path:
    """The source of the bundled demo catalog."""
    return resources() / "catalogs" / "demo"


def data_folder() -> Path:
    """Where this user's catalogs, overlays and crash reports live."""
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def profile_folder() -> Path:
    """Where this user's settings live."""
    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False))


def log_folder() -> Path:
    """Where logs and crash reports go."""
    return Path(platformdirs.user_log_dir(APP_NAME, appauthor=False))

"""Where a Chromium is: python -m scripts.instance.browser prints its path."""

import os
from pathlib import Path
import shutil
import sys
from typing import Final

from playwright.sync_api import sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # Root has no sandbox; the pages are our own.
    "--no-sandbox",
)


def find() -> Path | None:
    """Return the Chromium named by the environment, else the system's, else the one of Playwright."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        if found := shutil.which(name):
            return Path(found)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


if __name__ == "__main__":
    path = find()
    if path is None:
        sys.exit("no Chromium")
    print(path)

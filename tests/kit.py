"""Make the test kit of 2026.10 work beside Home Assistant 2026.11; loaded before every other plugin.

Home Assistant answers the import names `voluptuous` and `httpx` itself once it is imported, so it goes first. The kit's
own patches must be in place before anything else of Home Assistant, and 2026.11 moved a helper that the kit still
looks for at its old place.
"""

import homeassistant  # noqa: F401, I001
from pytest_homeassistant_custom_component import patch_json, patch_recorder, patch_time  # noqa: F401

from homeassistant.components import logger
from homeassistant.components.logger import helpers

logger._clear_logger_overwrites = helpers._clear_logger_overwrites  # type: ignore[attr-defined]

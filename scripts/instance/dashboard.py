"""The dashboard of the demo: the one that set-up offers, under the same address."""

from typing import Final

PATH: Final = "glucose-dexcom-share"
TITLE: Final = "Glucose"
ICON: Final = "mdi:water"
CONFIG: Final = {"strategy": {"type": "custom:dexcom-share"}}

"""The dashboard of the demo: the one that the integration brings."""

from typing import Final

PATH: Final = "glucose-demo"
TITLE: Final = "Glucose"
ICON: Final = "mdi:water"
CONFIG: Final = {"strategy": {"type": "custom:dexcom-share"}}

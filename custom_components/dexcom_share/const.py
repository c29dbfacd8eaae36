"""Constants of the Dexcom Share integration."""

from logging import Logger, getLogger
from typing import Final

DOMAIN: Final = "dexcom_share"
LOGGER: Final[Logger] = getLogger(__package__)

CONF_REGION: Final = "region"
CONF_BASE_URL: Final = "base_url"
CONF_SERVER: Final = "server"
"""The collapsed section of the form; its fields are stored flat."""
CONF_ALERTS: Final = "alerts"
"""What a person has set about alerts, in the options of the entry."""
CONF_UNIT: Final = "unit"
"""The unit in which a person's glucose is shown, in the options of the entry."""

EVENT_ALERT: Final = "dexcom_share_alert"
"""What an alert tells, as a sentence on the bus, for the logbook."""
ATTR_MESSAGE: Final = "message"

HOUSEHOLD: Final = "household"
"""What the device of several persons is known by, and how the unique ids of its entities begin."""

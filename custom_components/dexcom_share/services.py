"""Registers every action; they stay while no entry is loaded."""

from homeassistant.core import HomeAssistant, callback

from .actions.alerts import async_setup_alert_actions
from .actions.chains import async_setup_chain_actions
from .actions.charts import async_setup_chart_actions
from .actions.followers import async_setup_follower_actions
from .actions.readings import async_setup_reading_actions
from .actions.statistics import async_setup_statistics_actions
from .actions.uploading import async_setup_uploading_actions


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Offer the actions."""
    async_setup_alert_actions(hass)
    async_setup_chain_actions(hass)
    async_setup_chart_actions(hass)
    async_setup_follower_actions(hass)
    async_setup_reading_actions(hass)
    async_setup_statistics_actions(hass)
    async_setup_uploading_actions(hass)

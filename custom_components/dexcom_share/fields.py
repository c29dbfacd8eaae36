"""Fields that triggers and conditions have in common."""

from datetime import timedelta
from typing import Final

from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .glucose.alerts.kinds import AlertKind

LONGEST_SPAN: Final = timedelta(days=90)
"""Readings are kept no longer than this, so nothing longer can be waited for."""

KINDS: Final = vol.All(cv.ensure_list, [vol.Coerce(AlertKind)])
"""Kinds of alerts; all are meant where the field is left out or empty, as the editor leaves it behind."""

SPAN: Final = vol.All(cv.positive_time_period, vol.Range(max=LONGEST_SPAN, msg="Must not be longer than 90 days"))
"""A span of time, none included."""

SPAN_NOT_ZERO: Final = vol.All(SPAN, vol.Range(min=timedelta(seconds=1), msg="Must be at least one second"))
"""A span of time."""

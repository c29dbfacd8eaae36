"""The four alerts of a follower's app: their fields in an action, and in a response."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from ..share import DEFAULT_ALERT_SETTINGS, FollowerAlert, FollowerAlerts, ShareResponseError
from ..share.documents import parse_duration

LONGEST_ALERT_TIME: Final = timedelta(hours=6)
"""The longest delay and repetition that was seen to work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFields:
    """The fields of one alert; `limits_mgdl` is the range its limit may have, None for an alert without a limit."""

    key: str
    limits_mgdl: tuple[int, int] | None
    is_upper: bool = False
    """Whether the limit is the lowest value that alerts, not the highest."""

    def setting(self, alerts: FollowerAlerts) -> FollowerAlert:
        """Return this alert of the four."""
        setting: FollowerAlert = getattr(alerts, self.key)
        return setting

    def limit_mgdl(self, setting: FollowerAlert) -> int:
        """Return the limit of a setting."""
        return setting.min_value_mgdl if self.is_upper else setting.max_value_mgdl

    @property
    def schema(self) -> dict[vol.Marker, Any]:
        """Return the fields, with the values of the official app as defaults."""
        default = self.setting(DEFAULT_ALERT_SETTINGS)
        limit: dict[vol.Marker, Any] = {}
        if self.limits_mgdl:
            low, high = self.limits_mgdl
            valid = vol.All(vol.Coerce(int), vol.Range(min=low, max=high))
            limit = {vol.Optional(f"{self.key}_limit", default=self.limit_mgdl(default)): valid}
        return {
            vol.Optional(f"{self.key}_alert", default=default.is_enabled): cv.boolean,
            **limit,
            vol.Optional(f"{self.key}_delay", default=default.delay): alert_time,
            vol.Optional(f"{self.key}_repeat", default=default.repeat): alert_time,
        }

    def from_data(self, data: Mapping[str, Any]) -> FollowerAlert:
        """Return the alert that the fields describe."""
        setting = replace(
            self.setting(DEFAULT_ALERT_SETTINGS),
            is_enabled=data[f"{self.key}_alert"],
            delay=data[f"{self.key}_delay"],
            repeat=data[f"{self.key}_repeat"],
        )
        if not self.limits_mgdl:
            return setting
        limit_mgdl = data[f"{self.key}_limit"]
        if self.is_upper:
            return replace(setting, min_value_mgdl=limit_mgdl)
        return replace(setting, max_value_mgdl=limit_mgdl)

    def to_json(self, alerts: FollowerAlerts) -> JsonObjectType:
        """Return the alert for a response."""
        setting = self.setting(alerts)
        return {
            "enabled": setting.is_enabled,
            **({"limit_mg_dl": self.limit_mgdl(setting)} if self.limits_mgdl else {}),
            "delay_minutes": setting.delay // timedelta(minutes=1),
            "repeat_minutes": setting.repeat // timedelta(minutes=1),
        }


def alert_time(value: object) -> timedelta:
    """Return the delay of an alert in whole minutes: `PT1H30M`, or what Home Assistant takes for a duration."""
    if isinstance(value, str) and value.startswith("P"):
        try:
            span = parse_duration(value)
        except ShareResponseError:
            raise vol.Invalid("not a duration such as PT30M or PT1H30M") from None
    else:
        span = cv.time_period(value)
    if span % timedelta(minutes=1) or not timedelta(0) <= span <= LONGEST_ALERT_TIME:
        raise vol.Invalid("an alert takes whole minutes, at most 6 hours")
    return span


ALERT_FIELDS: Final = (
    AlertFields(key="urgent_low", limits_mgdl=(40, 100)),
    AlertFields(key="low", limits_mgdl=(55, 150)),
    AlertFields(key="high", limits_mgdl=(100, 400), is_upper=True),
    AlertFields(key="no_data", limits_mgdl=None),
)

SCHEMA: Final = {marker: valid for fields in ALERT_FIELDS for marker, valid in fields.schema.items()}


def alerts_from_data(data: Mapping[str, Any]) -> FollowerAlerts:
    """Return the alerts that the fields describe."""
    return FollowerAlerts(**{fields.key: fields.from_data(data) for fields in ALERT_FIELDS})


def alerts_json(alerts: FollowerAlerts) -> JsonObjectType:
    """Return the four alerts for a response."""
    return {fields.key: fields.to_json(alerts) for fields in ALERT_FIELDS}

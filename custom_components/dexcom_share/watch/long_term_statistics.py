"""Fills the holes of the glucose sensor's long-term statistics with readings that came late."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.components.recorder import get_instance, is_entity_recorded
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import (
    async_import_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.const import UnitOfBloodGlucoseConcentration
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util.unit_conversion import BloodGlucoseConcentrationConverter

from ..const import DOMAIN
from ..glucose.history import History
from ..glucose.statistics.hourly import HOUR, hour_of, hourly_figures
from ..share import GlucoseReading

SETTLED_AFTER: Final = timedelta(minutes=6)
"""The recorder compiles an hour within seconds of its end, from figures of five minutes each; a minute is added."""
LOOK_BACK: Final = timedelta(hours=23)
"""So far back the readings are known since the set-up: Share gives back 24 hours, of which the first may be cut."""
MGDL: Final = UnitOfBloodGlucoseConcentration.MILLIGRAMS_PER_DECILITER


class StatisticsFiller:
    """Imports the hours in which readings came late, once each hour is over, in the unit of what is there already."""

    def __init__(self, hass: HomeAssistant, unique_id: str, history: History) -> None:
        """Prepare for the sensor with this unique id and the history of its readings."""
        self._hass = hass
        self._unique_id = unique_id
        self._history = history
        self._hours: set[datetime] = set()
        self._looked_back = False

    def note(self, late: Iterable[GlucoseReading], *, known_since: datetime | None) -> None:
        """Remember the hours of readings that no state has shown at their time, if they are known in full.

        Before `known_since` there may be readings that Share no longer gives; None where nothing is missing.
        """
        hours = {hour_of(reading.time) for reading in late}
        self._hours.update(hour for hour in hours if known_since is None or hour >= known_since)

    def is_due(self, now: datetime) -> bool:
        """Return whether there is an hour to import."""
        if "recorder" not in self._hass.config.components:
            return False
        return not self._looked_back or any(_is_settled(hour, now) for hour in self._hours)

    async def fill(self, now: datetime) -> None:
        """Import every noted hour that is over, and at first also those of the last day that are missing."""
        entity_id = er.async_get(self._hass).async_get_entity_id("sensor", DOMAIN, self._unique_id)
        if entity_id is None or not is_entity_recorded(self._hass, entity_id):
            return
        recorder = get_instance(self._hass)
        if not self._looked_back:
            self._looked_back = True
            known = await recorder.async_add_executor_job(self._known_hours, entity_id, now)
            self.note(
                (reading for reading in self._history.recent(now - LOOK_BACK) if hour_of(reading.time) not in known),
                known_since=now - LOOK_BACK,
            )
        hours = {hour for hour in self._hours if _is_settled(hour, now)}
        self._hours -= hours
        if not hours:
            return
        metadata = await recorder.async_add_executor_job(self._metadata, entity_id)
        convert = BloodGlucoseConcentrationConverter.converter_factory(MGDL, metadata["unit_of_measurement"])
        async_import_statistics(
            self._hass,
            metadata,
            [
                StatisticData(
                    start=figures.start,
                    mean=convert(figures.mean_mgdl),
                    min=convert(figures.min_mgdl),
                    max=convert(figures.max_mgdl),
                )
                for figures in hourly_figures(self._history.recent(min(hours)))
                if figures.start in hours
            ],
        )

    def _known_hours(self, entity_id: str, now: datetime) -> set[datetime]:
        """Return the hours of the last day that the recorder has figures for."""
        rows = statistics_during_period(self._hass, now - LOOK_BACK, None, {entity_id}, "hour", None, {"mean"})
        return {datetime.fromtimestamp(row["start"], now.tzinfo) for row in rows.get(entity_id, [])}

    def _metadata(self, entity_id: str) -> StatisticMetaData:
        """Return the metadata of the sensor's statistics as they are, or as the recorder would begin them."""
        if found := get_metadata(self._hass, statistic_ids={entity_id}).get(entity_id):
            return found[1]
        state = self._hass.states.get(entity_id)
        return StatisticMetaData(
            has_sum=False,
            mean_type=StatisticMeanType.ARITHMETIC,
            name=None,
            source="recorder",
            statistic_id=entity_id,
            unit_class=BloodGlucoseConcentrationConverter.UNIT_CLASS,
            unit_of_measurement=state.attributes.get("unit_of_measurement", MGDL) if state else MGDL,
        )


def _is_settled(hour: datetime, now: datetime) -> bool:
    """Return whether an hour is over and the recorder has summed it up."""
    return now >= hour + HOUR + SETTLED_AFTER

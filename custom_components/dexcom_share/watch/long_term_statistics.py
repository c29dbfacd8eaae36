"""Fills the holes of the glucose sensor's long-term statistics with readings that came late."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from homeassistant.components.recorder import Recorder, get_instance, is_entity_recorded
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

from ..const import DOMAIN, LOGGER
from ..glucose.history import History
from ..glucose.statistics.hourly import HOUR, HourFigures, hour_of, hourly_figures
from ..share import GlucoseReading

SETTLED_AFTER: Final = timedelta(minutes=6)
"""The recorder compiles an hour within seconds of its end, from figures of five minutes each; a minute is added."""
LOOK_BACK: Final = timedelta(hours=23)
"""So far back the readings are known since the set-up: Share gives back 24 hours, of which the first may be cut."""
LIMIT_SECONDS: Final = 60.0
"""How long an import waits for the recorder."""
RETRY_PAUSES: Final = (timedelta(minutes=5), timedelta(hours=6))
"""Between two attempts while the recorder fails, growing from the first to the second."""
SAME_MGDL: Final = 0.05
"""What is imported comes back through a conversion of units."""
MGDL: Final = UnitOfBloodGlucoseConcentration.MILLIGRAMS_PER_DECILITER


class StatisticsFiller:
    """Imports the hours in which readings came late, once each hour is over, in the unit of what is there already."""

    def __init__(self, hass: HomeAssistant, unique_id: str, history: History) -> None:
        """Prepare for the sensor with this unique id and the history of its readings."""
        self._hass = hass
        self._unique_id = unique_id
        self._history = history
        self._hours: set[datetime] = set()
        self._underway: set[datetime] = set()
        self._looked_back = False
        self._is_filling = False
        self._retry_at: datetime | None = None
        self._retry_pause = RETRY_PAUSES[0]

    def note(self, late: Iterable[GlucoseReading], *, known_since: datetime | None) -> None:
        """Remember the hours of readings that no state has shown at their time, if they are known in full.

        Before `known_since` there may be readings that Share no longer gives; None where nothing is missing.
        """
        hours = {hour_of(reading.time) for reading in late}
        self._hours.update(hour for hour in hours if known_since is None or hour >= known_since)

    def is_due(self, now: datetime) -> bool:
        """Return whether there is an hour to import."""
        if self._is_filling or "recorder" not in self._hass.config.components:
            return False
        if self._retry_at and now < self._retry_at:
            return False
        return not self._looked_back or any(_is_settled(hour, now) for hour in self._hours)

    async def fill(self, now: datetime) -> None:
        """Import every noted hour that is over, and at first also those of the last day that are missing.

        Whatever the recorder does reaches nobody else: what it did not take in time is imported later.
        """
        self._is_filling = True
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                await self._fill(now)
        except Exception as err:  # noqa: BLE001  (the database may fail in any way)
            self._note_failure(now, type(err).__name__)
        finally:
            self._hours |= self._underway
            self._underway.clear()
            self._is_filling = False

    async def _fill(self, now: datetime) -> None:
        """Import what is to be imported, and forget the hours that are found in the recorder afterwards."""
        entity_id = er.async_get(self._hass).async_get_entity_id("sensor", DOMAIN, self._unique_id)
        if entity_id is None or not is_entity_recorded(self._hass, entity_id):
            return
        recorder = get_instance(self._hass)
        if not self._looked_back:
            known = await recorder.async_add_executor_job(self._known_means, entity_id, now - LOOK_BACK)
            self._looked_back = True
            self.note(
                (reading for reading in self._history.recent(now - LOOK_BACK) if hour_of(reading.time) not in known),
                known_since=now - LOOK_BACK,
            )
        self._underway = {hour for hour in self._hours if _is_settled(hour, now)}
        self._hours -= self._underway
        if not self._underway:
            return
        since = min(self._underway)
        figures = [hour for hour in hourly_figures(self._history.recent(since)) if hour.start in self._underway]
        # Hours whose readings are not kept any more have nothing to import.
        self._underway = {hour.start for hour in figures}
        await self._import(recorder, entity_id, figures)
        means = await recorder.async_add_executor_job(self._known_means, entity_id, since)
        self._underway -= {
            hour.start
            for hour in figures
            if hour.start in means and abs(means[hour.start] - hour.mean_mgdl) < SAME_MGDL
        }
        if self._underway:
            self._note_failure(now, "not imported")
        else:
            self._retry_at = None
            self._retry_pause = RETRY_PAUSES[0]

    async def _import(self, recorder: Recorder, entity_id: str, figures: Iterable[HourFigures]) -> None:
        """Hand hours to the recorder, and wait until it has worked off what it was given."""
        metadata = await recorder.async_add_executor_job(self._metadata, entity_id)
        convert = BloodGlucoseConcentrationConverter.converter_factory(MGDL, metadata["unit_of_measurement"])
        async_import_statistics(
            self._hass,
            metadata,
            [
                StatisticData(
                    start=hour.start,
                    mean=convert(hour.mean_mgdl),
                    min=convert(hour.min_mgdl),
                    max=convert(hour.max_mgdl),
                )
                for hour in figures
            ],
        )
        await recorder.async_block_till_done()

    def _note_failure(self, now: datetime, reason: str) -> None:
        """Try again after a pause, and log the first failure of a row."""
        if self._retry_at is None:
            LOGGER.warning("The recorder did not take hours of long-term statistics (%s); trying again later", reason)
        self._retry_at = now + self._retry_pause
        self._retry_pause = min(2 * self._retry_pause, RETRY_PAUSES[1])

    def _known_means(self, entity_id: str, since: datetime) -> dict[datetime, float]:
        """Return the mean in mg/dL of each hour from a time on that the recorder has figures for."""
        unit: dict[str, str] = {BloodGlucoseConcentrationConverter.UNIT_CLASS: MGDL}
        rows = statistics_during_period(self._hass, since, None, {entity_id}, "hour", unit, {"mean"})
        return {
            datetime.fromtimestamp(row["start"], UTC): mean
            for row in rows.get(entity_id, [])
            if (mean := row.get("mean")) is not None
        }

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

"""The chart of the last hours as a picture; it is drawn when somebody looks at it, and says when it changed."""

from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .charts import Wish, async_draw_chart
from .coordinator import DexcomShareCoordinator
from .entity import DexcomShareEntity
from .person import DexcomShareConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class DexcomShareImageDescription(ImageEntityDescription):
    """A picture of a person's glucose."""

    wish: Wish


# Home Assistant renews the access of each picture every five minutes, which alone is twelve rows an hour for the
# recorder, so nobody has them who does not look at them; `draw_chart` needs no entity.
IMAGES: Final = (
    DexcomShareImageDescription(
        key="chart", translation_key="chart", entity_registry_enabled_default=False, wish=Wish(hours=6)
    ),
    DexcomShareImageDescription(
        key="chart_dark", translation_key="chart_dark", entity_registry_enabled_default=False,
        wish=Wish(hours=6, dark=True),
    ),
)  # fmt: skip


async def async_setup_entry(
    hass: HomeAssistant, entry: DexcomShareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a person's pictures."""
    async_add_entities(DexcomShareImage(hass, entry.runtime_data.glucose, description) for description in IMAGES)


class DexcomShareImage(DexcomShareEntity, ImageEntity):
    """A picture of a person's glucose."""

    entity_description: DexcomShareImageDescription

    _attr_content_type = "image/png"

    def __init__(
        self, hass: HomeAssistant, coordinator: DexcomShareCoordinator, description: DexcomShareImageDescription
    ) -> None:
        """Tie the description to a person."""
        DexcomShareEntity.__init__(self, coordinator, description)
        ImageEntity.__init__(self, hass)
        self._note_change()

    @property
    @override
    def shows(self) -> object:
        """Return what the picture rests on; the age alone makes no other picture."""
        data = self.coordinator.data
        return data.newest, data.is_stale, data.is_current

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Say that there is another picture where there is one."""
        self._note_change()
        super()._handle_coordinator_update()

    @callback
    def _note_change(self) -> None:
        """Note since when the picture is as it is."""
        if self.shows != self._shown:
            self._attr_image_last_updated = dt_util.utcnow()

    @override
    async def async_image(self) -> bytes:
        """Draw the picture."""
        return await async_draw_chart(self.hass, self.coordinator, self.entity_description.wish)

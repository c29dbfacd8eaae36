"""The chart as an image entity: drawn when somebody looks, renewed when there is something new to see."""

from io import BytesIO
from unittest.mock import patch

from homeassistant.components.image import async_get_image
from homeassistant.core import HomeAssistant
from PIL import Image

from .common import MINUTE
from .watching import PREFIX, Watch

CHART = f"image.{PREFIX}_chart"


async def test_a_picture_is_drawn_only_when_somebody_looks(hass: HomeAssistant, watch: Watch) -> None:
    """However many readings come; and it is another one at night, in the dark."""
    with patch("custom_components.dexcom_share.charts.draw") as draw:
        await watch.set_up(110, 108)
        await watch.read(100, 90)
        assert not draw.called
    light, dark = [await async_get_image(hass, entity_id) for entity_id in (CHART, f"{CHART}_dark")]
    assert light.content_type == "image/png"
    assert Image.open(BytesIO(light.content)).size == (1200, 600)
    assert light.content != dark.content


async def test_it_says_when_there_is_something_new_to_see(hass: HomeAssistant, watch: Watch) -> None:
    """A reading, the moment at which the next one is overdue, and the one at which the value ends; not each minute."""
    await watch.set_up(110, 108)
    seen = [watch.state(CHART)]
    await watch.read(108)
    seen.append(watch.state(CHART))
    for _ in range(20):
        await watch.wait(MINUTE)
        if (state := watch.state(CHART)) != seen[-1]:
            seen.append(state)
    assert len(seen) == 4

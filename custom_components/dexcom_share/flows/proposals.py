"""What set-up proposes: region and unit by the country of Home Assistant, the name by what is known of the account."""

import re
from typing import Final

from ..display.units import MGDL, MMOL
from ..share import Region, ShareClient, ShareError

_REGIONS: Final = {"US": Region.US, "JP": Region.JP, "SG": Region.JP}
_MMOL_COUNTRIES: Final = (
    "AU BA BG BH BN BY CA CH CN CZ DK EE FI GB GG HK HR HU IE IM IS JE KZ LT LV ME MK MO MT MY NL NO NZ RS RU SE SG SI"
    " SK UA VN XK ZA"
)
"""Countries in which glucose is mostly told in mmol/L; what is proposed can be changed."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def region_of(country: str | None) -> Region | None:
    """Return the region in which accounts of a country (ISO 3166-1 alpha-2) are opened, None where it is not known."""
    return _REGIONS.get(country, Region.OUS) if country else None


def unit_of(country: str | None) -> str | None:
    """Return the unit in which glucose is told in a country (ISO 3166-1 alpha-2), None where it is not known."""
    if not country:
        return None
    return MMOL if country in _MMOL_COUNTRIES.split() else MGDL


def name_of(username: str) -> str:
    """Return a name made of a user name: the words before the @, never an address; empty for a phone number."""
    local = username.partition("@")[0].partition("+")[0]
    words = _WORD.findall(local)
    return " ".join(word if any(map(str.isupper, word)) else word.capitalize() for word in words)


async def proposed_name(client: ShareClient, username: str) -> str:
    """Return the name by which followers know the person, else one made of the user name; one call, never raises."""
    try:
        subscriptions = await client.list_subscriptions()
    except ShareError:
        subscriptions = []
    # The latest invitation has the latest spelling.
    known = [one.display_name.strip() for one in reversed(subscriptions)]
    return next((name for name in known if name and "@" not in name), "") or name_of(username)

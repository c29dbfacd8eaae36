"""What set-up proposes; the forms that show it are in `test_config_flow`."""

from collections.abc import AsyncGenerator

import aiohttp
import pytest

from custom_components.dexcom_share.flows.proposals import name_of, proposed_name, region_of, unit_of
from custom_components.dexcom_share.share import Region, ShareClient

from ..common import PASSWORD, USERNAME, Share


@pytest.mark.parametrize(
    ("username", "name"),
    [
        ("anna@example.com", "Anna"),
        ("anna.smith@example.com", "Anna Smith"),
        ("jean-luc_o'neil82@example.com", "Jean-luc O'neil"),
        ("anna+dexcom@example.com", "Anna"),
        ("McDonald", "McDonald"),
        ("zoë", "Zoë"),
        ("+15551234567", ""),
        ("1234@example.com", ""),
    ],
)
def test_a_name_is_made_of_words(username: str, name: str) -> None:
    """No address, no digits; a phone number tells no name."""
    assert name_of(username) == name


@pytest.mark.parametrize(
    ("country", "region"), [("US", Region.US), ("SG", Region.JP), ("NL", Region.OUS), (None, None)]
)
def test_a_country_has_a_region(country: str | None, region: Region | None) -> None:
    """All but a few are outside the United States."""
    assert region_of(country) is region


@pytest.mark.parametrize(("country", "unit"), [("US", "mg/dL"), ("CA", "mmol/L"), (None, None)])
def test_a_country_has_a_unit(country: str | None, unit: str | None) -> None:
    """The one in which people there read their glucose."""
    assert unit_of(country) == unit


@pytest.fixture
async def client(share: Share) -> AsyncGenerator[ShareClient]:
    """Return a client of the person's account."""
    async with aiohttp.ClientSession() as session:
        yield ShareClient(session, username=USERNAME, password=PASSWORD, base_url=share.base_url)


@pytest.mark.parametrize(
    ("shown", "name"), [(["Anna M."], "Anna M."), (["Ann", "a@b.example", ""], "Ann"), ([], "Anna")]
)
async def test_share_knows_a_name(share: Share, client: ShareClient, shown: list[str], name: str) -> None:
    """The latest name by which followers know the person, if it is one."""
    for place, one in enumerate(shown):
        share.account.followers.add(f"Follower {place}", share.simulator.now()).display_name = one
    assert await proposed_name(client, USERNAME) == name


async def test_a_failing_call_leaves_the_user_name(share: Share, client: ShareClient) -> None:
    """A name is only proposed, and nothing fails for it."""
    share.simulator.faults.html_status = 503
    assert await proposed_name(client, USERNAME) == "Anna"

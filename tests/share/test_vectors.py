"""What real servers have answered means what it meant."""

import pytest

from custom_components.dexcom_share.share import SessionError, ShareClient, ShareError

from .conftest import FakeShare, text
from .vectors import VECTORS, Vector


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
async def test_each_recorded_answer_is_understood(client: ShareClient, share: FakeShare, vector: Vector) -> None:
    """As a result, or as the error it stands for; a lost session only when it is lost again after a log-in."""
    is_lost = isinstance(vector.meaning, tuple) and vector.meaning[0] is SessionError
    share.script(vector.endpoint, *(text(vector.body, status=vector.status) for _ in range(2 if is_lost else 1)))
    if isinstance(vector.meaning, tuple):
        with pytest.raises(ShareError) as caught:
            await vector.call(client)
        assert (type(caught.value), caught.value.code) == vector.meaning
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
    else:
        assert await vector.call(client) == vector.meaning
    assert not share.scripts[vector.endpoint]


async def test_the_upload_of_the_first_description_is_written_as_it_was(client: ShareClient, share: FakeShare) -> None:
    """Times in slashes, the adjustment in seconds."""
    (vector,) = (vector for vector in VECTORS if vector.name.startswith("V3 "))
    await vector.call(client)
    assert share.calls[-1].json == {
        "SN": "SM00000000",
        "Egvs": [{"Trend": 4, "ST": "/Date(1426783106000)/", "DT": "/Date(1426754317000)/", "Value": 97}],
        "TA": -14365,
    }

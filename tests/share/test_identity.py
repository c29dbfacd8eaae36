"""How people write their names, and how Share wants them."""

import pytest

from custom_components.dexcom_share.share import ShareRequestError, normalize_account_id, normalize_username
from custom_components.dexcom_share.share.identity import require_id

CANONICAL = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("+1 (555) 010-9999", "+15550109999"),
        ("+49.30.1234567", "+49301234567"),
        ("  +4930 123 45 67\t", "+49301234567"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+33\u00a06\u202f12\u2011345/678", "+33612345678"),
        ("\u202a+49 30 1234567\u202c", "+49301234567"),
        ("+15550109999", "+15550109999"),
        ("15550109999", "15550109999"),
        ("555 010-9999", "555 010-9999"),
        ("00123", "00123"),
        ("+", "+"),
        ("+1 555 CALL", "+1 555 CALL"),
        ("+tag.name (x)@example.com", "+tag.name (x)@example.com"),
        (" wearer+home.tag-1@example.com ", "wearer+home.tag-1@example.com"),
        ("wearer.name-1", "wearer.name-1"),
        (" Two Words ", "Two Words"),
        ("+\u0661\u0662\u0663", "+\u0661\u0662\u0663"),
        ("   ", ""),
    ],
)
def test_only_phone_numbers_are_rewritten(written: str, sent: str) -> None:
    """A leading plus and nothing but digits and what stands between them make a phone number."""
    assert normalize_username(written) == sent


@pytest.mark.parametrize(
    "written",
    [CANONICAL, CANONICAL.upper(), CANONICAL.replace("-", ""), f" {CANONICAL}\n", f"{{{CANONICAL}}}"],
)
def test_an_account_id_has_one_form(written: str) -> None:
    """The portal shows it without hyphens, the old server in upper case."""
    assert normalize_account_id(written) == CANONICAL


def test_what_is_no_account_id_is_left_for_share_to_refuse() -> None:
    """No local judgement stands between the user and the server's answer."""
    assert normalize_account_id("1") == "1"


def test_an_id_that_is_none_is_never_sent() -> None:
    """Share would answer as if the session were malformed."""
    assert require_id(CANONICAL.upper()) == CANONICAL
    with pytest.raises(ShareRequestError) as caught:
        require_id("secret")
    assert caught.value.code == "InvalidArgument"
    assert "secret" not in str(caught.value)

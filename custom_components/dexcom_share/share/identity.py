"""How a person is named to Share: user name, e-mail address, phone number or account id."""

import re
from typing import Final
from uuid import UUID

from .errors import ShareRequestError

NIL_ID: Final = str(UUID(int=0))
"""The id that Share sends where it means "none", or a refusal in disguise."""

# What people and address books put between digits: white space, dots, parentheses, slashes, dashes, marks of
# writing direction; and the "(0)" that is dialled only inside the country.
_PHONE_FILLER: Final = re.compile(r"\(0\)|[\s()./\-\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2060-\u2069]")
_PHONE: Final = re.compile(r"\+[0-9]+")


def normalize_username(name: str) -> str:
    """Return the name as Share wants it: a phone number as `+` and digits, any other name only trimmed.

    A number counts as a phone number when it starts with `+` and holds nothing but digits and what people write
    between them; e-mail addresses and user names, also those made of digits, keep every character.
    """
    number = _PHONE_FILLER.sub("", name)
    return number if _PHONE.fullmatch(number) else name.strip()


def normalize_account_id(account_id: str) -> str:
    """Return a UUID in lower case with hyphens, and anything else as it is: that is for Share to refuse."""
    try:
        return str(UUID(account_id.strip()))
    except ValueError:
        return account_id


def require_id(value: str) -> str:
    """Return the UUID in lower case with hyphens.

    Share answers a malformed id as it answers a malformed session, so it must not be sent.

    Raises:
        ShareRequestError: it is no UUID.
    """
    try:
        return str(UUID(value))
    except ValueError:
        raise ShareRequestError("The id is not a UUID", code="InvalidArgument") from None

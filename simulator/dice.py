"""Chance that can be repeated: the same words give the same number, on every machine and Python."""

from hashlib import blake2b
from uuid import UUID


def fractions(*words: object) -> tuple[float, float, float, float]:
    """Return four independent numbers, 0 <= n < 1, that depend on the words alone."""
    digest = blake2b("/".join(map(str, words)).encode(), digest_size=16).digest()
    first, second, third, fourth = (int.from_bytes(digest[at : at + 4]) / 2**32 for at in (0, 4, 8, 12))
    return first, second, third, fourth


def fraction(*words: object) -> float:
    """Return one number, 0 <= n < 1, that depends on the words alone."""
    return fractions(*words)[0]


def uuid(*words: object) -> str:
    """Return a random-looking UUID that depends on the words alone."""
    digest = blake2b("/".join(map(str, words)).encode(), digest_size=16).digest()
    return str(UUID(bytes=digest, version=4))

"""What runs for one config entry."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry

if TYPE_CHECKING:
    from .coordinator import DexcomShareCoordinator
    from .sharing.coordinator import FollowersCoordinator
    from .sharing.uploader import Uploader

type DexcomShareConfigEntry = ConfigEntry[Person]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The parts that are at work for one person."""

    glucose: DexcomShareCoordinator
    followers: FollowersCoordinator
    uploader: Uploader

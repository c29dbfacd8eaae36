"""Home Assistant as a program, in a folder that is prepared for it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
import json
import os
from pathlib import Path
from string import Template
import sys
from typing import Final

import aiohttp

from .program import Program

ROOT: Final = Path(__file__).parent.parent.parent
START_SECONDS: Final = 180
RESTART_EXIT_CODE: Final = 100
"""How Home Assistant ends when a user asks for a restart."""

# As little as a user would notice to be missing, and nothing that searches the network.
CONFIGURATION: Final = Template("""\
# Written anew at each start.
homeassistant:
  name: Demo
  time_zone: $time_zone
  unit_system: metric
  country: US
  currency: USD
  latitude: 47.5
  longitude: 8.5
  elevation: 400
frontend:
config:
history:
logbook:
mobile_app:
my:
sun:
assist_pipeline:
logger:
  default: warning
  logs:
    custom_components.dexcom_share: $log_level
automation: !include automations.yaml
script: !include scripts.yaml
scene: !include scenes.yaml
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What differs between the instances."""

    folder: Path
    port: int
    host: str = "127.0.0.1"
    log_level: str = "info"
    """Of this integration; everything else logs warnings."""


class HomeAssistant(Program):
    """Home Assistant with its front end and this integration."""

    def __init__(self, settings: Settings) -> None:
        """Describe the instance."""
        super().__init__(
            "Home Assistant",
            [sys.executable, "-m", "homeassistant", "--config", str(settings.folder)],
            folder=settings.folder,
            log=settings.folder / "console.log",
        )
        self.settings = settings
        self.home_assistant_log = settings.folder / "home-assistant.log"
        host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104
        self.url = f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"

    async def ready(self, session: aiohttp.ClientSession) -> None:
        """Wait until the front end answers."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                self.check()
                try:
                    async with session.get(f"{self.url}/manifest.json") as response:
                        if response.ok:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)


def prepare(settings: Settings) -> None:
    """Write the folder: configuration, this integration and the little that has no other way in than a file."""
    folder = settings.folder
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    (folder / "configuration.yaml").write_text(
        CONFIGURATION.substitute(time_zone=_time_zone(), log_level=settings.log_level)
    )
    for name in ("automations", "scripts", "scenes"):
        (folder / f"{name}.yaml").touch()
    _link(folder / "custom_components", ROOT / "custom_components")
    _link(folder / "blueprints/automation/dexcom_share", ROOT / "blueprints/automation/dexcom_share")
    # In YAML, an address to listen on would bring up a dialog that asks for its confirmation.
    _store(storage / "http", version=(3, 1), data=_http(settings))
    if not (storage / "onboarding").exists():
        # The steps which would ask the Internet for the weather, for radio stations and for a voice.
        _store(storage / "onboarding", version=(4, 1), data={"done": ["core_config", "analytics"]})
    if not (storage / "core.config_entries").exists():
        # The Marketplace loads its catalog from the Internet at every start unless it is disabled.
        _store(storage / "core.config_entries", version=(1, 5), data={"entries": [_disabled("marketplace")]})


def _time_zone() -> str:
    """Return the time zone of this machine."""
    name = os.environ.get("TZ") or "/".join(Path("/etc/localtime").resolve().parts).partition("/zoneinfo/")[2]
    return name or "UTC"


def _http(settings: Settings) -> dict[str, object]:
    return {
        "stable": {
            "server_host": [settings.host],
            "server_port": settings.port,
            "cors_allowed_origins": [],
            "login_attempts_threshold": -1,
            "ip_ban_enabled": True,
            "ssl_profile": "intermediate_v6",
            "use_x_frame_options": True,
            "created_at": datetime.now(UTC).isoformat(),
            "error": None,
            "error_message": None,
        },
        "pending": None,
        "yaml_migration_done": True,
    }


def _disabled(domain: str) -> dict[str, object]:
    """Return the config entry of an integration that a user has disabled."""
    now = datetime.now(UTC).isoformat()
    return {
        "created_at": now,
        "data": {},
        "disabled_by": "user",
        "discovery_keys": {},
        "domain": domain,
        "entry_id": f"disabled_{domain}",
        "minor_version": 1,
        "modified_at": now,
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "system",
        "subentries": [],
        "title": domain.title(),
        "unique_id": None,
        "version": 1,
    }


def _store(path: Path, *, version: tuple[int, int], data: dict[str, object]) -> None:
    """Write a file as Home Assistant's own storage does."""
    major, minor = version
    path.write_text(json.dumps({"version": major, "minor_version": minor, "key": path.name, "data": data}))


def _link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)

"""What a step of a chain does, as actions of Home Assistant's own script engine."""

from collections.abc import Iterable, Mapping
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import slugify

from ..const import DOMAIN
from ..display.chart_address import signed_path
from ..glucose.alerts.kinds import LOW_KINDS
from ..watch.chain_settings import ChainStep, StepKind
from .watched import Watched

CONF_ACTIONS: Final = "actions"
CONF_BRIGHTNESS: Final = "brightness"
CONF_DEVICES: Final = "devices"
CONF_ENTITIES: Final = "entities"
CONF_TTS: Final = "tts"
CONF_VOLUME: Final = "volume"

MOBILE_APP: Final = "mobile_app"
NOTIFY: Final = "notify"
ANSWERS: Final = {"acknowledge": "chain_acknowledge", "treated": "chain_treated", "snooze": "chain_snooze"}
"""The buttons of a notification and the keys of their texts."""
LOUDER: Final = 20
"""By so many percent a speaker is louder from round to round."""

type Action = dict[str, object]


def actions_of(hass: HomeAssistant, step: ChainStep, phone: Action) -> list[Action]:
    """Return the actions of a step; `phone` are the fields of a notification, the other kinds use templates."""
    match step.kind:
        case StepKind.PHONE:
            return [
                {"action": f"{NOTIFY}.{notify_service(hass, device_id)}", "data": dict(phone)}
                for device_id in _texts(step.data.get(CONF_DEVICES))
            ]
        case StepKind.LIGHT:
            return _turn_on(
                _texts(step.data.get(CONF_ENTITIES)), light={"brightness_pct": step.data.get(CONF_BRIGHTNESS, 100)}
            )
        case StepKind.SWITCH:
            return _turn_on(_texts(step.data.get(CONF_ENTITIES)))
        case StepKind.SPEAKER:
            return _speak(step)
        case _:
            actions = step.data.get(CONF_ACTIONS)
            return [dict(action) for action in (actions if isinstance(actions, list | tuple) else ())]


def phones_of(steps: Iterable[ChainStep]) -> list[str]:
    """Return the devices of all phones, each once."""
    found = [
        device_id for step in steps if step.kind is StepKind.PHONE for device_id in _texts(step.data.get(CONF_DEVICES))
    ]
    return list(dict.fromkeys(found))


def notify_service(hass: HomeAssistant, device_id: str) -> str:
    """Return the name of the action that reaches the app on a device, "unknown" where no such device is known."""
    app = hass.data.get(MOBILE_APP)
    if isinstance(app, dict):
        hooks = {device.id: hook for hook, device in app.get("devices", {}).items()}
        targets: Mapping[str, str] = getattr(app.get(NOTIFY), "registered_targets", {})
        for service, hook in targets.items():
            if hook == hooks.get(device_id):
                return service
    device = dr.async_get(hass).async_get(device_id)
    for entry_id in device.config_entries if device else ():
        entry = hass.config_entries.async_get_entry(entry_id)
        if entry and entry.domain == MOBILE_APP:
            return slugify(f"{MOBILE_APP}_{entry.data.get('device_name', entry.title)}")
    return "unknown"


def notification(watched: Watched, *, tag: str, about: str) -> Action:
    """Return the fields of a critical notification: message and title are the variables of the step.

    `about` is the kind that its buttons answer, or "test".
    """
    hass, entry = watched.hass, watched.entry
    entities = er.async_get(hass)
    answers = [each for each in ANSWERS if each != "treated" or about in {*LOW_KINDS, "test"}]
    data: Action = {
        "tag": tag,
        "ttl": 0,
        "priority": "high",
        "channel": "alarm_stream",
        "push": {"interruption-level": "critical", "sound": {"name": "default", "critical": 1, "volume": 1.0}},
        "actions": [
            {"action": f"{DOMAIN}/{answer}/{entry.entry_id}/{about}", "title": watched.say(ANSWERS[answer])}
            for answer in answers
        ],
    }
    if glucose := entities.async_get_entity_id("sensor", DOMAIN, f"{entry.unique_id}_value"):
        data["url"] = data["clickAction"] = f"entityId:{glucose}"
    if "http" in hass.config.components:
        data["image"] = signed_path(hass, entry.entry_id)
    return {"title": "{{ title }}", "message": "{{ message }}", "data": data}


def _turn_on(entity_ids: Iterable[str], **data: Action) -> list[Action]:
    """Return the actions that switch on, one a domain."""
    by_domain: dict[str, list[str]] = {}
    for entity_id in entity_ids:
        by_domain.setdefault(entity_id.partition(".")[0], []).append(entity_id)
    return [
        {"action": f"{domain}.turn_on", "target": {"entity_id": each}, "data": data.get(domain, {})}
        for domain, each in by_domain.items()
    ]


def _speak(step: ChainStep) -> list[Action]:
    """Return the actions that speak the message, louder from round to round."""
    speakers = _texts(step.data.get(CONF_ENTITIES))
    volume = step.data.get(CONF_VOLUME, 60)
    level = f"{{{{ [{volume} + {LOUDER} * (louder | int), 100] | min / 100 }}}}"
    louder: Action = {"action": "media_player.volume_set", "target": {"entity_id": speakers}}
    louder["data"] = {"volume_level": level}
    engine = {"entity_id": str(step.data.get(CONF_TTS))}
    spoken: list[Action] = [
        {"media_player_entity_id": each, "message": "{{ message }}", "cache": False} for each in speakers
    ]
    speaking: list[Action] = [{"action": "tts.speak", "target": engine, "data": data} for data in spoken]
    return [louder, *speaking]


def _texts(stored: object) -> list[str]:
    """Return the texts of a JSON list."""
    return [str(each) for each in stored] if isinstance(stored, list | tuple) else []

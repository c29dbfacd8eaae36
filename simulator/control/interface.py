"""The control interface: faults, readings, followers and time, set from outside while the simulator runs."""

from collections.abc import Callable
from datetime import timedelta
import ipaddress
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from ..accounts import REGIONS
from ..faults import Faults
from ..followers import State
from ..readings.records import TRENDS
from ..readings.sources import ListSource
from ..switches import SWITCHES
from ..wire import FaultError, Json
from ..world import Simulator
from .documents import account_json, call_json, faults_json, follower_json, iso, settings_json
from .input import ControlError, Input, parse_body, parse_setting

PREFIX: Final = "/_simulator"

type _Action = Callable[[Simulator, Input], Json]


def add_control(app: web.Application, simulator: Simulator) -> None:
    """Add the routes of the control interface to an application."""

    async def handle(request: web.Request) -> web.Response:
        """Answer one control call with JSON; 400 and a sentence where the input makes no sense."""
        if not _is_from_here(request.headers.get(hdrs.ORIGIN)):
            return _error(403, "only pages of this machine may control the simulator")
        name = request.match_info["name"].strip("/")
        methods = {method: action for (method, path), action in _ACTIONS.items() if path == name}
        if not methods:
            known = sorted({path for _, path in _ACTIONS if path})
            return _error(404, f"there is no `{name}`, only {', '.join(known)}")
        if request.method not in methods:
            return _error(405, f"`{name}` takes {', '.join(methods)}")
        try:
            values: dict[str, Json] = {**request.query, **parse_body(await request.read())}
            given = Input(values)
            result = methods[request.method](simulator, given)
        except ControlError as error:
            return _error(400, str(error))
        return web.json_response(result)

    app.router.add_route("*", PREFIX, handle)
    app.router.add_route("*", PREFIX + "/{name:.*}", handle)


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)


def _is_from_here(origin: str | None) -> bool:
    """Return whether no web page, or one of this machine, sent the request."""
    if origin is None:
        return True
    host = urlsplit(origin).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _state(simulator: Simulator, given: Input) -> Json:
    """Return the whole world."""
    given.finish()
    return {
        "now": iso(simulator.now()),
        "started": iso(simulator.started),
        "seed": simulator.seed,
        "settings": settings_json(simulator),
        "faults": faults_json(simulator.faults),
        "accounts": [account_json(account, simulator) for account in simulator.accounts],
        "calls": len(simulator.calls),
    }


def _set_settings(simulator: Simulator, given: Input) -> Json:
    """Set what is unknown of the real server."""
    session_life, lock_duration = given.span("session_life_seconds"), given.span("lock_seconds")
    attempts = given.optional_number("login_attempts", 1, 1e9)
    given.finish()
    settings = simulator.settings
    settings.session_life = settings.session_life if session_life is None else session_life
    settings.lock_duration = settings.lock_duration if lock_duration is None else lock_duration
    settings.login_attempts = settings.login_attempts if attempts is None else int(attempts)
    return settings_json(simulator)


def _calls(simulator: Simulator, given: Input) -> Json:
    """Return the calls, all or those that came later than a time."""
    since = given.time("since")
    given.finish()
    return [call_json(call) for call in simulator.calls if since is None or call.time > since]


def _forget_calls(simulator: Simulator, given: Input) -> Json:
    """Forget the calls."""
    given.finish()
    number = len(simulator.calls)
    simulator.calls.clear()
    return {"forgotten": number}


def _faults(simulator: Simulator, given: Input) -> Json:
    """Return the switches that are on."""
    faults = _switch_set(simulator, given)
    given.finish()
    return faults_json(faults)


def _set_faults(simulator: Simulator, given: Input) -> Json:
    """Set the switches that are named and turn all others off."""
    return _change_faults(simulator, given, others_off=True)


def _patch_faults(simulator: Simulator, given: Input) -> Json:
    """Set the switches that are named."""
    return _change_faults(simulator, given, others_off=False)


def _change_faults(simulator: Simulator, given: Input, *, others_off: bool) -> Json:
    faults = _switch_set(simulator, given)
    now = simulator.now()
    # All are checked before any is set.
    settings = {name: parse_setting(name, value, now) for name, value in given.rest().items()}
    for name in SWITCHES:
        if name in settings or others_off:
            setattr(faults, name, settings.get(name))
    return faults_json(faults)


def _switch_set(simulator: Simulator, given: Input) -> Faults:
    """Return the switches of the account that is named, those of the simulator where none is."""
    return given.account(simulator).faults if given.has("account") else simulator.faults


def _add_account(simulator: Simulator, given: Input) -> Json:
    """Add a wearer, with made-up days or (`empty`) without readings."""
    name, password = given.text("name"), given.text("password")
    region = given.choice("region", REGIONS, "any")
    display_name, time_zone = given.optional_text("display_name"), given.zone("time_zone")
    source = ListSource() if given.flag("empty", default=False) else None
    given.finish()
    if simulator.account_by_name(name) is not None:
        raise ControlError("there is an account of this name already")
    account = simulator.add_account(
        name, password, source=source, region=region, display_name=display_name, time_zone=time_zone
    )
    return account_json(account, simulator)


def _add_reading(simulator: Simulator, given: Input) -> Json:
    """Add a reading, taken now, at a time, or some minutes ago."""
    account = given.account(simulator)
    value = int(given.number("value", -1000, 10_000))
    trend = given.choice("trend", TRENDS, "Flat")
    time, minutes = given.time("time"), given.optional_number("minutes_ago", 0, 1e6)
    available_at = given.time("available_at")
    given.finish()
    now = simulator.now()
    if time is None:
        time = now - timedelta(minutes=minutes or 0)
    if time > now:
        raise ControlError("a reading can't lie in the future")
    account.add_reading(time, value, trend, available_at)
    return {"time": iso(time), "value": value, "trend": trend}


def _change_follower(simulator: Simulator, given: Input) -> Json:
    """Let a follower appear, or an invited one accept, decline or be too late, or an active one leave."""
    account = given.account(simulator)
    action = given.choice("action", ("add", "accept", "decline", "expire", "leave"))
    name = given.text("name")
    given.finish()
    now = simulator.now()
    if action == "add":
        try:
            return follower_json(account.followers.add(name, now), now)
        except FaultError as error:
            raise ControlError(error.message) from error
    for subscription in account.followers.subscriptions.values():
        if subscription.contact.name == name:
            break
    else:
        raise ControlError(f"nobody of the name {name!r} was invited")
    expected = State.ACTIVE if action == "leave" else State.INVITE_WAITING
    if subscription.state(now) is not expected:
        raise ControlError(f"that needs the state {expected.wire_name}, it is {subscription.state(now).wire_name}")
    match action:
        case "accept":
            subscription.accept(now)
        case "decline":
            subscription.change(State.INVITE_REJECTED, now)
        case "expire":
            subscription.change(State.INVITE_EXPIRED, now)
        case "leave":
            subscription.change(State.CANCELED_BY_SUBSCRIBER, now)
    return follower_json(subscription, now)


def _set_sharing(simulator: Simulator, given: Input) -> Json:
    """Switch Share on or off in the wearer's app."""
    account = given.account(simulator)
    account.sharing = given.flag("on")
    given.finish()
    return {"on": account.sharing}


def _end_sessions(simulator: Simulator, given: Input) -> Json:
    """End all sessions of an account: expired, or with `forget` unknown."""
    account = given.account(simulator)
    forget = given.flag("forget", default=False)
    given.finish()
    return {"ended": account.end_sessions(forget=forget)}


def _lock(simulator: Simulator, given: Input) -> Json:
    """Lock an account, for as long as too many failures do or for some seconds."""
    account = given.account(simulator)
    span = given.span("seconds")
    given.finish()
    until = simulator.now() + (simulator.settings.lock_duration if span is None else span)
    account.lock(until)
    return {"locked_until": iso(until)}


def _unlock(simulator: Simulator, given: Input) -> Json:
    """Let an account log in again."""
    account = given.account(simulator)
    given.finish()
    account.locked_until = None
    return {"locked_until": None}


def _advance(simulator: Simulator, given: Input) -> Json:
    """Move the whole world forward."""
    step = given.number("advance_seconds", 0, 1e9)
    given.finish()
    simulator.advance(timedelta(seconds=step))
    return {"now": iso(simulator.now())}


_ACTIONS: Final[dict[tuple[str, str], _Action]] = {
    ("GET", ""): _state,
    ("GET", "state"): _state,
    ("PATCH", "settings"): _set_settings,
    ("GET", "calls"): _calls,
    ("DELETE", "calls"): _forget_calls,
    ("GET", "faults"): _faults,
    ("PUT", "faults"): _set_faults,
    ("PATCH", "faults"): _patch_faults,
    ("POST", "accounts"): _add_account,
    ("POST", "readings"): _add_reading,
    ("POST", "followers"): _change_follower,
    ("POST", "sharing"): _set_sharing,
    ("DELETE", "sessions"): _end_sessions,
    ("POST", "lock"): _lock,
    ("DELETE", "lock"): _unlock,
    ("POST", "time"): _advance,
}

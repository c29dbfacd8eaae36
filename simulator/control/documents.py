"""The simulated world as the control interface shows it: JSON values, without secrets."""

from datetime import datetime, timedelta

from ..accounts import Account
from ..calls import Call
from ..faults import Faults, Limited
from ..followers import Subscription
from ..switches import SWITCHES
from ..wire import Json
from ..world import Simulator


def settings_json(simulator: Simulator) -> Json:
    """Return what is unknown of the real server, as it is set."""
    settings = simulator.settings
    return {
        "session_life_seconds": settings.session_life.total_seconds(),
        "login_attempts": settings.login_attempts,
        "lock_seconds": settings.lock_duration.total_seconds(),
    }


def account_json(account: Account, simulator: Simulator) -> Json:
    """Return an account with its followers, its newest reading and its switches; no secrets."""
    now = simulator.now()
    newest = account.latest(now - timedelta(days=1), now, 1, (simulator.faults,))
    return {
        "account_id": account.account_id,
        "name": account.name,
        "display_name": account.display_name,
        "region": account.region,
        "time_zone": str(account.time_zone),
        "sharing": account.sharing,
        "receiver": account.receiver,
        "sessions": sum(ends > now for ends in account.sessions.values()),
        "failed_logins": account.failed_logins,
        "locked_until": None if account.locked_until is None else iso(account.locked_until),
        "followers": [follower_json(one, now) for one in account.followers.subscriptions.values()],
        "newest": [{"time": iso(record.time), "value": record.value, "trend": record.trend} for record in newest],
        "faults": faults_json(account.faults),
    }


def follower_json(subscription: Subscription, now: datetime) -> Json:
    """Return a follower, or somebody invited."""
    return {
        "name": subscription.contact.name,
        "subscription_id": subscription.subscription_id,
        "state": subscription.state(now).wire_name,
        "expires": iso(subscription.expires),
    }


def call_json(call: Call) -> Json:
    """Return one call of the Share API."""
    return {
        "time": iso(call.time),
        "method": call.method,
        "path": call.path,
        "endpoint": call.endpoint,
        "parameters": dict(call.parameters),
        "account": call.account,
        "status": call.status,
        "code": call.code,
    }


def faults_json(faults: Faults) -> Json:
    """Return the switches that are on, those with limits as objects."""
    shown: dict[str, Json] = {}
    for name in SWITCHES:
        setting = getattr(faults, name)
        if isinstance(setting, Limited):
            limits: dict[str, Json] = {
                "value": setting.value,
                "calls": setting.calls,
                "endpoints": None if setting.endpoints is None else list(setting.endpoints),
                "since": None if setting.since is None else iso(setting.since),
                "until": None if setting.until is None else iso(setting.until),
                "probability": setting.probability,
            }
            shown[name] = {key: value for key, value in limits.items() if value is not None}
        elif setting is not None:
            shown[name] = setting
    return shown


def iso(time: datetime) -> str:
    """Return a time in ISO format, with milliseconds."""
    return time.isoformat(timespec="milliseconds")

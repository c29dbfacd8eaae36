"""The calls about contacts, invitations and followers, and about the account's own name."""

from datetime import timedelta
import re
from typing import Final

from ..accounts import Account
from ..followers import Subscription, contact_json, subscription_json
from ..parameters import missing
from ..wire import FaultError, Json
from .table import DONE, Context, Reply, Route, Table, json_reply

_ALERTS: Final = {"HighAlert": 1, "LowAlert": 2, "FixedLowAlert": 3, "NoDataAlert": 4}
_ALERT_FIELDS: Final = {
    "IsEnabled": bool,
    "MinValue": int,
    "MaxValue": int,
    "AlarmDelay": str,
    "RealarmDelay": str,
    "Sound": str,
}
_DURATION_FIELDS: Final = frozenset({"AlarmDelay", "RealarmDelay"})
_DURATION: Final = re.compile(r"PT(\d+H)?(\d+M)?(?<!T)")


def contact_exists(context: Context) -> Reply:
    """Return whether a contact has this name."""
    return json_reply(context.account().followers.has_name(context.parameters.text("contactName")))


def create_contact(context: Context) -> Reply:
    """Write down a person and return the contact id."""
    followers = context.account().followers
    name, email = context.parameters.text("contactName"), context.parameters.text("emailAddress")
    return json_reply(followers.create_contact(name, email, context.now).contact_id)


def read_contact(context: Context) -> Reply:
    """Return a contact."""
    account = context.account()
    contact = account.followers.contact(context.parameters.uuid("contactId"))
    return json_reply(contact_json(contact, account.followers.of_contact(contact), context.now, account.account_id))


def rename_contact(context: Context) -> Reply:
    """Give a contact another name."""
    followers = context.account().followers
    followers.rename(context.parameters.uuid("contactId"), context.parameters.text("contactName"), context.now)
    return DONE


def delete_contact(context: Context) -> Reply:
    """Remove a contact, and with it the subscription."""
    context.account().followers.delete(context.parameters.uuid("contactId"))
    return DONE


def invite(context: Context) -> Reply:
    """Invite a contact and return the id of the subscription; may be refused when the contact is too young."""
    followers = context.account().followers
    contact = followers.contact(context.parameters.uuid("contactId"))
    settings = _alert_settings(context)
    permissions = context.parameters.integer("Permissions")
    display_name = context.parameters.text("DisplayName")
    seconds = context.switches.get(lambda faults: faults.invitation_delay_seconds)
    if seconds is not None and context.now < contact.created + timedelta(seconds=seconds):
        raise FaultError("ContactIdNotFound", f"Failed to find contact. [ContactId = {contact.contact_id}]")
    subscription = followers.invite(
        contact.contact_id,
        context.now,
        display_name=display_name,
        permissions=permissions,
        alert_settings=settings,
    )
    return json_reply(subscription.subscription_id)


def read_invite_id(context: Context) -> Reply:
    """Return the id of the invitation that a subscription began with."""
    return json_reply(_subscription(context, context.account()).invite_id)


def list_subscriptions(context: Context) -> Reply:
    """Return all invitations and followers."""
    account = context.account()
    as_name = context.switches.get(lambda faults: faults.state_as) == "string"
    return json_reply(
        [
            subscription_json(subscription, context.now, sharing=account.sharing, state_as_name=as_name)
            for subscription in account.followers.subscriptions.values()
        ]
    )


def update_permissions(context: Context) -> Reply:
    """Set what a follower may see."""
    subscription = _subscription(context, context.account())
    subscription.permissions = context.parameters.integer("permissions")
    subscription.modified = context.now
    return DONE


def read_alerts(context: Context) -> Reply:
    """Return the alert settings that a follower was invited with."""
    return json_reply(_subscription(context, context.account()).alert_settings)


def pause(context: Context) -> Reply:
    """Let an active follower see nothing for a while."""
    followers = context.account().followers
    followers.pause(_subscription(context, context.account()), context.now)
    return DONE


def resume(context: Context) -> Reply:
    """Let a paused follower see again."""
    followers = context.account().followers
    followers.resume(_subscription(context, context.account()), context.now)
    return DONE


def read_display_name(context: Context) -> Reply:
    """Return the name that followers see."""
    return json_reply(context.account().display_name)


def update_display_name(context: Context) -> Reply:
    """Set the name that followers see."""
    context.account().display_name = context.parameters.text("displayName")
    return DONE


def read_email(context: Context) -> Reply:
    """Return the wearer's e-mail address."""
    return json_reply(context.account().email)


def log_out(context: Context) -> Reply:
    """End the session; it is unknown from then on."""
    del context.account().sessions[context.parameters.uuid("sessionId")]
    return DONE


def _subscription(context: Context, account: Account) -> Subscription:
    """Return the subscription in question."""
    subscription = account.followers.subscriptions.get(context.parameters.uuid("subscriptionId"))
    if subscription is None:
        raise FaultError("InvalidArgument", "Missing required field(s): subscriptionId is not known")
    return subscription


def _alert_settings(context: Context) -> Json:
    """Return the alert settings of the body; all four must be there and complete."""
    settings = context.parameters.get("AlertSettings")
    if not isinstance(settings, dict):
        raise missing("AlertSettings")
    for name, number in _ALERTS.items():
        alert = settings.get(name)
        if not isinstance(alert, dict) or alert.get("AlertType") != number:
            raise missing(f"AlertSettings.{name}")
        for field, kind in _ALERT_FIELDS.items():
            value = alert.get(field)
            is_good = isinstance(value, kind)
            if field in _DURATION_FIELDS:
                is_good = isinstance(value, str) and _DURATION.fullmatch(value) is not None
            if not is_good:
                raise missing(f"AlertSettings.{name}.{field}")
    return settings


ROUTES: Final[Table] = {
    "Publisher/DoesContactExistByName": Route(contact_exists),
    "Publisher/CreateContact": Route(create_contact),
    "Publisher/ReadContact": Route(read_contact),
    "Publisher/UpdateContactName": Route(rename_contact),
    "Publisher/DeleteContact": Route(delete_contact),
    "Publisher/CreateSubscriptionInvitation": Route(invite),
    "Publisher/ReadSubscriptionInviteId": Route(read_invite_id),
    "Publisher/ListPublisherAccountSubscriptions": Route(list_subscriptions),
    "Publisher/UpdateSubscriptionPermissions": Route(update_permissions),
    "General/ReadSubscriptionAlerts": Route(read_alerts),
    "General/PauseSubscription": Route(pause),
    "General/ResumeSubscription": Route(resume),
    "Publisher/ReadPublisherAccountDisplayName": Route(read_display_name),
    "Publisher/UpdatePublisherAccountDisplayName": Route(update_display_name),
    "Publisher/ReadPublisherAccountEmail": Route(read_email),
    "Publisher/LogoutPublisherAccount": Route(log_out),
}

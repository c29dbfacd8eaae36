"""The endpoints of followers: their subscriptions, contacts and invitations."""

from .calls import Calls, expecting
from .documents import (
    decode_alert_settings,
    decode_bool,
    decode_contact,
    decode_new_id,
    decode_nothing,
    decode_subscriptions,
    encode_alert_settings,
)
from .identity import require_id
from .models import DEFAULT_ALERT_SETTINGS, Contact, FollowerAlerts, Permissions, Subscription


class FollowerCalls(Calls):
    """Lists, invites, changes and removes followers; errors are those of `ShareClient`."""

    async def list_subscriptions(self) -> list[Subscription]:
        """Return the followers and the invitations of this account."""
        return await self._call("Publisher/ListPublisherAccountSubscriptions", expecting(decode_subscriptions))

    async def read_alert_settings(self, subscription_id: str) -> FollowerAlerts:
        """Return the alerts of a follower."""
        return await self._call(
            "General/ReadSubscriptionAlerts",
            expecting(decode_alert_settings),
            params={"subscriptionId": require_id(subscription_id)},
        )

    async def pause_subscription(self, subscription_id: str) -> None:
        """Stop sharing with a follower for a while; Share refuses it for an invitation that is not accepted yet."""
        await self._call(
            "General/PauseSubscription", decode_nothing, params={"subscriptionId": require_id(subscription_id)}
        )

    async def resume_subscription(self, subscription_id: str) -> None:
        """Share with a paused follower again."""
        await self._call(
            "General/ResumeSubscription", decode_nothing, params={"subscriptionId": require_id(subscription_id)}
        )

    async def update_permissions(self, subscription_id: str, permissions: Permissions) -> None:
        """Set what a follower may see."""
        await self._call(
            "Publisher/UpdateSubscriptionPermissions",
            decode_nothing,
            params={"subscriptionId": require_id(subscription_id), "permissions": str(int(permissions))},
        )

    async def does_contact_exist(self, name: str) -> bool:
        """Return whether the account has a contact of this name."""
        return await self._call(
            "Publisher/DoesContactExistByName", expecting(decode_bool), params={"contactName": name}
        )

    async def create_contact(self, name: str, email: str) -> str:
        """Create a contact and return its id; `ContactNameAlreadyExists` where the name is taken."""
        return await self._call(
            "Publisher/CreateContact",
            expecting(decode_new_id),
            params={"contactName": name, "emailAddress": email},
        )

    async def read_contact(self, contact_id: str) -> Contact:
        """Return a contact."""
        return await self._call(
            "Publisher/ReadContact", expecting(decode_contact), params={"contactId": require_id(contact_id)}
        )

    async def update_contact_name(self, contact_id: str, name: str) -> None:
        """Rename a contact."""
        await self._call(
            "Publisher/UpdateContactName",
            decode_nothing,
            params={"contactId": require_id(contact_id), "contactName": name},
        )

    async def delete_contact(self, contact_id: str) -> None:
        """Delete a contact, and with it the follower's subscription."""
        await self._call("Publisher/DeleteContact", decode_nothing, params={"contactId": require_id(contact_id)})

    async def create_invitation(
        self,
        contact_id: str,
        display_name: str,
        *,
        alert_settings: FollowerAlerts = DEFAULT_ALERT_SETTINGS,
        permissions: Permissions = Permissions.GRAPH,
    ) -> str:
        """Have Share invite a contact by e-mail, and return the id of the invitation.

        `display_name` is the wearer's name as the follower will see it. May be refused within the first seconds of
        the contact's life.
        """
        return await self._call(
            "Publisher/CreateSubscriptionInvitation",
            expecting(decode_new_id),
            params={"contactId": require_id(contact_id)},
            body={
                "AlertSettings": encode_alert_settings(alert_settings),
                "Permissions": int(permissions),
                "DisplayName": display_name,
            },
        )

"""Logging in: account ids, session ids, refusals and the lock after too many."""

from typing import Final, NoReturn

from ..accounts import Account
from ..parameters import missing
from ..wire import NIL_UUID, FaultError
from .table import Context, Reply, Route, Table, json_reply

JAPANESE_APPLICATION_ID: Final = "d8665ade-9673-4e27-9ff6-92db4ce13d13"
APPLICATION_ID: Final = "d89443d2-327c-4a6f-89e5-496bbb0317db"


def authenticate(context: Context) -> Reply:
    """Return the account id for a name and a password."""
    return _id_reply(context, _by_name(context).account_id)


def login_by_name(context: Context) -> Reply:
    """Return a session id for a name and a password, in one step."""
    return _session(context, _by_name(context))


def login_by_id(context: Context) -> Reply:
    """Return a session id for an account id and a password; the nil UUID for no account id, whatever the password."""
    application_id = context.parameters.optional_uuid("applicationId")
    account_id = context.parameters.optional_uuid("accountId")
    if account_id in {"", NIL_UUID}:
        return json_reply(NIL_UUID)
    account = context.simulator.account_by_id(account_id)
    return _session(context, _checked(context, account, application_id, ("AccountId", account_id)))


def _by_name(context: Context) -> Account:
    """Return the account that the name and the password belong to."""
    application_id = context.parameters.optional_uuid("applicationId")
    name = context.parameters.text("accountName")
    account = context.simulator.account_by_name(name)
    return _checked(context, account, application_id, ("AccountName", name))


def _session(context: Context, account: Account) -> Reply:
    return _id_reply(context, account.open_session(context.now + context.simulator.settings.session_life))


def _id_reply(context: Context, wanted: str) -> Reply:
    return json_reply(NIL_UUID if context.switches.get(lambda faults: faults.nil_id) else wanted)


def _checked(context: Context, account: Account | None, application_id: str, who: tuple[str, str]) -> Account:
    """Return the account when the password is right and the account lives in this region; counts what is wrong."""
    password = context.parameters.text("password")
    if not application_id:
        raise missing("applicationId")
    locked = account is not None and account.locked_until is not None and context.now < account.locked_until
    if locked or context.switches.get(lambda faults: faults.lock_login):
        end = context.switches.get(lambda faults: faults.lock_spelling) or "Exceeed"
        raise FaultError(f"SSO_AuthenticateMaxAttempts{end}", "Maximum number of authentication attempts exceeded")
    if account is None or not _lives_here(account, context, application_id):
        _refuse(context, None, who)
    if not account.accepts(password):
        settings = context.simulator.settings
        account.failed_logins += 1
        if account.failed_logins >= settings.login_attempts:
            account.lock(context.now + settings.lock_duration)
        _refuse(context, account, who)
    if context.switches.get(lambda faults: faults.refuse_login):
        _refuse(context, account, who)
    account.failed_logins = 0
    return account


def _refuse(context: Context, account: Account | None, who: tuple[str, str]) -> NoReturn:
    """Refuse the credentials, in the words of the generation that the switch names."""
    key, value = who
    match context.switches.get(lambda faults: faults.login_failure):
        case "SSO_InternalError":
            raise FaultError(
                "SSO_InternalError",
                f"Synchronization of SSO account during authenticate call failed Time out issue.  {key}={value} Error"
                " encountered accessing Keycloak endpoint: UAM_ERROR: HttpStatus='401 UNAUTHORIZED(401)'"
                f" Msg=Cannot Authenticate by {key}='{value}'",
            )
        case "SSO_Authenticate" if account is None:
            raise FaultError(
                "SSO_AuthenticateAccountNotFound", f"Create SSO account during login failed. {key}={value}"
            )
        case "SSO_Authenticate":
            raise FaultError(
                "SSO_AuthenticatePasswordInvalid",
                "Replay of bad password to SSO account gave invalid password error."
                f" AccountId={account.account_id if account else value}",
            )
    raise FaultError("AccountPasswordInvalid", "Publisher account password failed")


def _lives_here(account: Account, context: Context, application_id: str) -> bool:
    """Return whether the account exists in the region of the request.

    Where the address names no region, the application id stands for it: one for Japan, one for everywhere else.
    """
    if application_id not in {APPLICATION_ID, JAPANESE_APPLICATION_ID}:
        return False
    if account.region == "any":
        return True
    japanese = application_id == JAPANESE_APPLICATION_ID
    if context.region is None:
        return japanese == (account.region == "jp")
    # In Japan only its own application id works, elsewhere both do.
    return context.region == account.region and (japanese or account.region != "jp")


ROUTES: Final[Table] = {
    "General/AuthenticatePublisherAccount": Route(authenticate),
    "General/LoginPublisherAccountByName": Route(login_by_name),
    "General/LoginPublisherAccountById": Route(login_by_id),
}

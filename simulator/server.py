"""The server: finds the route of a call, applies the switches, answers as Share does."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
import gzip
import json
from typing import Final

from aiohttp import hdrs, web

from . import dice
from .accounts import Account, Region
from .calls import Call
from .control.interface import add_control
from .faults import Switches, of_status_page
from .parameters import Parameters
from .routes import contacts, general, login, reading, status_page, uploading
from .routes.table import Context, NilSessionError, Reply, Table
from .wire import FaultError
from .world import Simulator

SERVICES: Final = "/ShareWebServices/Services/"
STATUS_PAGE: Final = "/api/v2/"
ROUTES: Final[Table] = {
    **contacts.ROUTES,
    **general.ROUTES,
    **login.ROUTES,
    **reading.ROUTES,
    **status_page.ROUTES,
    **uploading.ROUTES,
}
_HOSTS: Final[dict[str, Region]] = {"share2.dexcom.com": "us", "shareous1.dexcom.com": "ous", "share.dexcom.jp": "jp"}
_PREFIXES: Final[dict[str, Region]] = {"/us/": "us", "/ous/": "ous", "/jp/": "jp"}
_HEADERS: Final = {
    "Server": "cloudflare",
    "cf-cache-status": "DYNAMIC",
    "x-content-type-options": "nosniff",
    "strict-transport-security": "max-age=15780000; includeSubDomains; preload",
    "vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
}
_LOGIN_HEADERS: Final = _HEADERS | {
    "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
    "pragma": "no-cache",
    "expires": "0",
    "x-frame-options": "DENY",
    "x-xss-protection": "0",
}
_LEAST_COMPRESSED: Final = 48
"""Shorter bodies would only grow; gateways leave them alone."""
_LOGINS: Final = frozenset({"AuthenticatePublisherAccount", "LoginPublisherAccountById", "LoginPublisherAccountByName"})


def make_app(simulator: Simulator) -> web.Application:
    """Return an application that answers the calls of the Share API and of the control interface."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await _handle(simulator, request)

    app = web.Application()
    add_control(app, simulator)
    app.router.add_route("*", "/{path:.*}", handle)
    return app


async def _handle(simulator: Simulator, request: web.Request) -> web.StreamResponse:
    """Answer one call of the Share API."""
    region, path = _address(request)
    endpoint = path.rpartition("/")[2]
    refusal: FaultError | None = None
    try:
        parameters = Parameters(request.query.items(), await request.read())
    except FaultError as fault:
        refusal = fault
        parameters = Parameters(request.query.items(), b"")
    account = _subject(simulator, parameters)
    call = Call(
        time=simulator.now(),
        method=request.method,
        path=request.path,
        endpoint=endpoint,
        parameters=parameters.harmless(),
        account=account.name if account else None,
    )
    simulator.calls.append(call)
    layers = (account.faults, simulator.faults) if account else (simulator.faults,)
    if path.startswith(STATUS_PAGE):
        layers = (of_status_page(simulator.faults),)
    switches = Switches(layers=layers, endpoint=endpoint, now=call.time, random=simulator.random)
    exchange = _Exchange(simulator, request, call, switches)
    if (early := await exchange.before()) is not None:
        return early
    context = Context(simulator=simulator, parameters=parameters, switches=switches, now=simulator.now(), region=region)
    try:
        reply = _answer(context, request.method, path, refusal)
    except NilSessionError:
        reply = Reply()
    except FaultError as fault:
        return await exchange.refuse(fault)
    return await exchange.send(reply)


def _subject(simulator: Simulator, parameters: Parameters) -> Account | None:
    """Return the account that a call is about, as far as one can tell."""
    session_id, account_id, name = (parameters.optional_text(key) for key in ("sessionId", "accountId", "accountName"))
    return (
        simulator.account_of_session(session_id.lower())
        or simulator.account_by_id(account_id.lower())
        or simulator.account_by_name(name)
    )


def _address(request: web.Request) -> tuple[Region | None, str]:
    """Return the region that the address names, and the path below the services."""
    path = request.path
    region = _HOSTS.get(request.host.partition(":")[0].lower())
    for prefix, named in _PREFIXES.items():
        if path.startswith(prefix):
            region, path = named, path.removeprefix(prefix[:-1])
    return region, path.removeprefix(SERVICES).rstrip("/") if path.startswith(SERVICES) else path


def _answer(context: Context, method: str, path: str, refusal: FaultError | None) -> Reply:
    """Return what the route says, or raise `FaultError` where it or the request itself is at fault."""
    route = ROUTES.get(path)
    if route is None:
        raise FaultError("ResourceNotFound", "The resource was not found", status=404)
    if method not in route.methods:
        raise FaultError("MethodNotAllowed", f"Request method '{method}' is not supported", status=405)
    if (code := context.switches.get(lambda faults: faults.fault_code)) is not None:
        message = context.switches.get(lambda faults: faults.fault_message)
        raise FaultError(code, "Error in the application." if message is None else message)
    if refusal is not None:
        raise refusal
    return route.handler(context)


@dataclass(frozen=True, slots=True)
class _Exchange:
    """One call and its answer on the way out, through everything that can happen to it."""

    simulator: Simulator
    request: web.Request
    call: Call
    switches: Switches

    async def before(self) -> web.StreamResponse | None:
        """Return an answer that the call gets before it reaches Share, None where it gets there."""
        get = self.switches.get
        if seconds := get(lambda faults: faults.delay_seconds):
            await asyncio.sleep(seconds)
        if get(lambda faults: faults.disconnect) == "before":
            return self._hang_up(web.Response())
        if (address := get(lambda faults: faults.redirect)) is not None:
            return await self._respond(307, "", "text/html", {hdrs.LOCATION: address})
        if (status := get(lambda faults: faults.html_status)) is not None:
            pause = get(lambda faults: faults.retry_after)
            return await self._respond(
                status, _page(status), "text/html; charset=UTF-8", {} if pause is None else {hdrs.RETRY_AFTER: pause}
            )
        return None

    async def refuse(self, fault: FaultError) -> web.StreamResponse:
        """Send a fault object."""
        self.call.code = fault.code
        form = self.switches.get(lambda faults: faults.subcode_format) or 2
        return await self._respond(fault.status, fault.body(self._server_time(), form), "application/json", {})

    async def send(self, reply: Reply) -> web.StreamResponse:
        """Send what a route answered, or whatever the switches make of it."""
        get = self.switches.get
        if (raw := get(lambda faults: faults.raw_body)) is not None:
            reply = replace(reply, body=raw)
        elif (kind := get(lambda faults: faults.body)) is not None:
            reply = replace(reply, body=_wrong(kind, reply.body))
        return await self._respond(200, reply.body, reply.content_type, {}, chunked=reply.chunked)

    async def _respond(
        self, status: int, text: str, content_type: str, more: dict[str, str], *, chunked: bool = False
    ) -> web.StreamResponse:
        get = self.switches.get
        headers = {
            **(_LOGIN_HEADERS if self.call.endpoint in _LOGINS else _HEADERS),
            hdrs.DATE: self._date(),
            hdrs.CONTENT_TYPE: get(lambda faults: faults.content_type) or content_type,
            "x-trace-id": dice.uuid("trace", self.simulator.seed, len(self.simulator.calls)),
            **more,
        }
        body = text.encode()
        seconds = get(lambda faults: faults.body_delay_seconds)
        cut = get(lambda faults: faults.disconnect) == "inside"
        if seconds or cut:
            response = web.StreamResponse(status=status, headers=headers)
            if chunked:
                response.enable_chunked_encoding()
            else:
                response.content_length = len(body)
            await response.prepare(self.request)
            half = len(body) // 2
            await response.write(body[:half])
            await asyncio.sleep(seconds or 0)
            if cut:
                return self._hang_up(response)
            await response.write(body[half:])
            self.call.status = status
            return response
        self.call.status = status
        if len(body) >= _LEAST_COMPRESSED and "gzip" in self.request.headers.get(hdrs.ACCEPT_ENCODING, "").lower():
            # Not by aiohttp, which would use a thread: the loop's time may be virtual.
            headers[hdrs.CONTENT_ENCODING] = "gzip"
            body = gzip.compress(body, compresslevel=6, mtime=0)
        whole = web.Response(status=status, body=body, headers=headers)
        if chunked:
            whole.enable_chunked_encoding()
        return whole

    def _hang_up(self, response: web.StreamResponse) -> web.StreamResponse:
        if self.request.transport is not None:
            self.request.transport.close()
        return response

    def _server_time(self) -> datetime:
        skew = self.switches.get(lambda faults: faults.clock_skew_seconds) or 0
        return self.simulator.now() + self.simulator.clock_offset + timedelta(seconds=skew)

    def _date(self) -> str:
        skew = self.switches.get(lambda faults: faults.date_header_skew_seconds) or 0
        return format_datetime(self._server_time() + timedelta(seconds=skew), usegmt=True)


def _page(status: int) -> str:
    """Return an error page of a gateway."""
    return (
        f"<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n"
        "<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
    )


def _wrong(kind: str, body: str) -> str:
    """Return a body that is not what the API promises."""
    match kind:
        case "truncated":
            return body[: len(body) // 2]
        case "unquoted":
            return body.strip('"')
        case "html":
            return _page(200)
        case _:
            return _WRONG[kind]


_WRONG: Final = {
    "empty": "",
    "null": "null",
    "string": json.dumps("unexpected"),
    "number": "42",
    "object": json.dumps({"unexpected": True}),
    "list": json.dumps([1, "two", None, [3]]),
}

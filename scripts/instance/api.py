"""What a user does in the front end, done through the same interfaces."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
import json
import time
from typing import Any, Final

import aiohttp

from .program import ProgramError

RUNNING_SECONDS: Final = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The account of the one who uses the instance."""

    name: str = "Demo"
    username: str = "demo"
    password: str = "demo-demo"


class Api:
    """A session at a Home Assistant that runs."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Tie it to an address; nobody is logged in yet."""
        self._session = session
        self._url = url
        self._tokens: dict[str, Any] = {}

    @property
    def _client_id(self) -> str:
        return f"{self._url}/"

    async def sign_in(self, owner: Owner) -> None:
        """Log in, having made the account and finished the onboarding where that is still to be done."""
        steps = await self._open_steps()
        if "user" in steps:
            answer = await self._post(
                "/api/onboarding/users",
                {
                    "name": owner.name,
                    "username": owner.username,
                    "password": owner.password,
                    "client_id": self._client_id,
                    "language": "en",
                },
            )
            await self._exchange(answer["auth_code"])
        else:
            await self._log_in(owner)
        for step in steps:
            if step != "user":
                body = {"client_id": self._client_id, "redirect_uri": self._client_id} if step == "integration" else {}
                await self._post(f"/api/onboarding/{step}", body)

    async def _open_steps(self) -> list[str]:
        """Return the steps of the onboarding that are not done."""
        async with self._session.get(f"{self._url}/api/onboarding") as response:
            # There is no such address once everything is done.
            return [step["step"] for step in await response.json() if not step["done"]] if response.ok else []

    async def _log_in(self, owner: Owner) -> None:
        flow = await self._post(
            "/auth/login_flow",
            {"client_id": self._client_id, "redirect_uri": self._client_id, "handler": ["homeassistant", None]},
        )
        answer = await self._post(
            f"/auth/login_flow/{flow['flow_id']}",
            {"client_id": self._client_id, "username": owner.username, "password": owner.password},
        )
        if answer["type"] != "create_entry":
            raise ProgramError(f"Home Assistant refuses the log-in of {owner.username}; was the password changed?")
        await self._exchange(answer["result"])

    async def _exchange(self, code: str) -> None:
        """Get tokens for the code that proves a log-in."""
        form = {"grant_type": "authorization_code", "code": code, "client_id": self._client_id}
        async with self._session.post(f"{self._url}/auth/token", data=form) as response:
            response.raise_for_status()
            self._tokens = await response.json()

    @property
    def browser_tokens(self) -> str:
        """Return what the front end keeps as `hassTokens` in its local storage."""
        expires = int((time.time() + self._tokens["expires_in"]) * 1000)
        return json.dumps({**self._tokens, "hassUrl": self._url, "clientId": self._client_id, "expires": expires})

    async def running(self) -> None:
        """Wait until everything is set up."""
        async with asyncio.timeout(RUNNING_SECONDS):
            while True:
                if (await self._get("/api/config"))["state"] == "RUNNING":
                    return
                await asyncio.sleep(0.1)

    async def entries(self, domain: str) -> list[str]:
        """Return the ids of the config entries of an integration."""
        entries = await self._get(f"/api/config/config_entries/entry?domain={domain}")
        return [entry["entry_id"] for entry in entries]

    async def add(self, domain: str, form: Mapping[str, object], later: Mapping[str, Mapping[str, object]]) -> None:
        """Add an integration by its config flow; `later` has the filled forms after the first by their step."""
        await self._finish(await self._post("/api/config/config_entries/flow", {"handler": domain}), form, later)

    async def reconfigure(self, domain: str, entry_id: str, form: Mapping[str, object]) -> None:
        """Change a config entry by its reconfigure flow."""
        flow = await self._post("/api/config/config_entries/flow", {"handler": domain, "entry_id": entry_id})
        await self._finish(flow, form, {})

    async def _finish(
        self, flow: dict[str, Any], form: Mapping[str, object], later: Mapping[str, Mapping[str, object]]
    ) -> None:
        """Fill the first form and those named in `later`, confirm the others."""
        path = f"/api/config/config_entries/flow/{flow['flow_id']}"
        answer = await self._post(path, form)
        while answer["type"] == "form" and not answer["errors"]:
            answer = await self._post(
                f"/api/config/config_entries/flow/{flow['flow_id']}", later.get(answer["step_id"], {})
            )
        if answer["type"] == "form":
            raise ProgramError(f"the config flow shows an error: {answer['errors']}")
        if answer["type"] == "abort" and answer["reason"] != "reconfigure_successful":
            raise ProgramError(f"the config flow ended: {answer['reason']}")

    async def entities(self, platform: str) -> dict[str, str]:
        """Return the entity id of each translation key of an integration, in the order of their making."""
        (entities,) = await self._send({"type": "config/entity_registry/list"})
        return {
            entity["translation_key"]: entity["entity_id"]
            for entity in entities
            if entity["platform"] == platform and not entity["disabled_by"]
        }

    async def state(self, entity_id: str) -> str:
        """Return the state of an entity."""
        state: str = (await self._get(f"/api/states/{entity_id}"))["state"]
        return state

    async def dashboards(self) -> list[str]:
        """Return the paths of the dashboards that were made."""
        (dashboards,) = await self._send({"type": "lovelace/dashboards/list"})
        return [dashboard["url_path"] for dashboard in dashboards]

    async def add_dashboard(self, path: str, *, title: str, icon: str, config: Mapping[str, object]) -> None:
        """Make a dashboard."""
        await self._send(
            {"type": "lovelace/dashboards/create", "url_path": path, "title": title, "icon": icon},
            {"type": "lovelace/config/save", "url_path": path, "config": config},
        )

    async def show_first(self, path: str) -> None:
        """Let a dashboard be what is seen first."""
        await self._send({"type": "frontend/set_system_data", "key": "core", "value": {"default_panel": path}})

    async def register_phone(self, name: str, push_url: str) -> None:
        """Log in as the app on a phone does; notifications for it are posted to an address."""
        app = {"app_id": "demo", "app_name": "Home Assistant", "app_version": "1"}
        device = {
            "device_name": name,
            "manufacturer": "Demo",
            "model": "Phone",
            "device_id": name,
            "os_name": "Demo",
            "os_version": "1",
        }
        push = {"push_token": "demo", "push_url": push_url}
        await self._post(
            "/api/mobile_app/registrations", {**app, **device, "supports_encryption": False, "app_data": push}
        )

    async def _get(self, path: str) -> Any:
        async with self._session.get(self._url + path, headers=self._headers) as response:
            return await self._answer(path, response)

    async def _post(self, path: str, body: Mapping[str, object]) -> Any:
        async with self._session.post(self._url + path, json=body, headers=self._headers) as response:
            return await self._answer(path, response)

    @property
    def _headers(self) -> dict[str, str]:
        token = self._tokens.get("access_token")
        return {"Authorization": f"Bearer {token}"} if token else {}

    @staticmethod
    async def _answer(path: str, response: aiohttp.ClientResponse) -> Any:
        if not response.ok:
            raise ProgramError(f"Home Assistant answers {path} with {response.status}: {await response.text()}")
        return await response.json()

    async def _send(self, *commands: Mapping[str, object]) -> list[Any]:
        """Send commands over a WebSocket and return their results."""
        async with self._session.ws_connect(f"{self._url}/api/websocket", max_msg_size=0) as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self._tokens["access_token"]})
            await socket.receive_json()
            return [await _command(socket, number, command) for number, command in enumerate(commands, start=1)]


async def _command(socket: aiohttp.ClientWebSocketResponse, number: int, command: Mapping[str, object]) -> Any:
    await socket.send_json({"id": number, **command})
    answer = await socket.receive_json()
    if not answer["success"]:
        raise ProgramError(f"Home Assistant refuses {command['type']}: {answer['error']['message']}")
    return answer["result"]

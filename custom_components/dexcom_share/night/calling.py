"""Runs actions by Home Assistant's own script engine, and lets nobody wait for one that hangs."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script, async_validate_actions_config
from homeassistant.util.async_ import create_eager_task

from ..const import DOMAIN
from ..watch.chain import STEP_LIMIT
from ..watch.chain_settings import StepKind
from .steps import Action

APART: Final = frozenset({StepKind.PHONE, StepKind.LIGHT, StepKind.SWITCH})
"""The kinds whose actions need nothing of each other, so that none waits for another."""


async def call(
    hass: HomeAssistant,
    actions: Sequence[Action],
    variables: Mapping[str, object],
    *,
    context: Context,
    is_apart: bool = True,
) -> None:
    """Run actions, apart from each other or one after another; the first call is made before this waits.

    Raises:
        TimeoutError: they were not done in time.
        Exception: what an action, or Home Assistant's check of it, raises; all that are apart have been run.
    """
    parts = [[action] for action in actions] if is_apart else [list(actions)]
    async with asyncio.timeout(STEP_LIMIT.total_seconds()):
        tasks = [create_eager_task(_run(hass, part, variables, context)) for part in parts]
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def _run(hass: HomeAssistant, actions: list[Action], variables: Mapping[str, object], context: Context) -> None:
    """Run actions one after another."""
    sequence = await async_validate_actions_config(hass, cv.SCRIPT_SCHEMA(actions))
    script = Script(hass, sequence, "wake-up chain", DOMAIN, log_exceptions=False, script_mode="parallel")
    await script.async_run(dict(variables), context)

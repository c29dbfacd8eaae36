"""Fixtures for every test."""

import pytest

import custom_components.dexcom_share  # noqa: F401  (before the kit's own `custom_components` shadows ours)


@pytest.fixture(autouse=True)
def _enable_custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load this integration."""

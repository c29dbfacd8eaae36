"""What can be set about alerts: defaults, bounds, JSON, contradictions, night."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
import json
from zoneinfo import ZoneInfo

from hypothesis import given, settings as hypothesis_settings, strategies as st
import pytest

from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.settings import (
    BOUNDS,
    DEFAULT_KINDS,
    DEFAULTS,
    AlertSettings,
    KindSettings,
    NightSettings,
    Sensitivity,
    validate,
)

MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KIND_JSON = st.dictionaries(
    st.sampled_from(["enabled", "limit", "delay_minutes", "repeat_minutes", "snooze_minutes", "smart_quiet", "night"]),
    JSON | st.floats(-1000, 1000),
)
SETTINGS_JSON = st.fixed_dictionaries(
    {},
    optional={
        "kinds": JSON | st.dictionaries(st.sampled_from([kind.value for kind in AlertKind]), JSON | KIND_JSON),
        "night_start": JSON | st.times().map(str),
        "night_end": JSON | st.just("07:00:00+02:00"),
    },
)


def change(kind: AlertKind, settings: AlertSettings = DEFAULTS, **changes: object) -> AlertSettings:
    """Return settings that differ in one kind."""
    changed = replace(settings.kinds[kind], **changes)  # type: ignore[arg-type]
    return replace(settings, kinds={**settings.kinds, kind: changed})


@pytest.mark.parametrize(
    ("kind", "enabled", "limit", "delay", "repeat", "snooze"),
    [
        (AlertKind.URGENT_LOW, True, 55, 0, 30, 30),
        (AlertKind.URGENT_LOW_SOON, True, None, 0, 30, 30),
        (AlertKind.LOW, True, 70, 0, 30, 30),
        (AlertKind.HIGH, True, 250, 60, 120, 120),
        (AlertKind.URGENT_HIGH, False, 300, 0, 120, 120),
        (AlertKind.FALLING_FAST, False, 2, 0, 30, 30),
        (AlertKind.RISING_FAST, False, 2, 0, 30, 30),
        (AlertKind.NO_DATA, True, None, 20, 60, 60),
    ],
)
def test_defaults(kind: AlertKind, enabled: bool, limit: float | None, delay: int, repeat: int, snooze: int) -> None:
    """Every default is what the project proposes, and within the bounds."""
    assert DEFAULT_KINDS[kind] == KindSettings(
        enabled=enabled,
        limit=limit,
        delay=delay * MINUTE,
        repeat=repeat * MINUTE,
        snooze=snooze * MINUTE,
        sensitivity=Sensitivity.BALANCED if kind is AlertKind.URGENT_LOW_SOON else None,
    )
    bounds = BOUNDS[kind]
    assert bounds.delay_minutes.clamp(delay) == delay
    assert bounds.repeat_minutes.clamp(repeat) == repeat
    assert bounds.snooze_minutes.clamp(snooze) == snooze
    assert bounds.limit is None if limit is None else bounds.limit and bounds.limit.clamp(limit) == limit


def test_nothing_stored_is_the_default() -> None:
    """No options at all are the defaults."""
    assert AlertSettings.from_dict({}) == DEFAULTS


def test_what_is_stored_comes_back() -> None:
    """Through JSON nothing is lost."""
    settings = change(
        AlertKind.LOW,
        change(AlertKind.HIGH, delay=timedelta(0), repeat=timedelta(0), smart_quiet=True, night=NightSettings()),
        enabled=False,
        limit=80.0,
        night=NightSettings(limit=90.0, delay=10 * MINUTE, repeat=15 * MINUTE),
    )
    settings = replace(settings, night_start=time(21, 30), night_end=time(6, 15))
    assert AlertSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


@pytest.mark.parametrize(
    ("stored", "sensitivity"),
    [
        ({}, Sensitivity.BALANCED),
        ({"sensitivity": None}, Sensitivity.BALANCED),
        ({"sensitivity": "loudest"}, Sensitivity.BALANCED),
        ({"sensitivity": "earlier"}, Sensitivity.EARLIER),
        ({"sensitivity": "quieter"}, Sensitivity.QUIETER),
    ],
)
def test_what_was_stored_before_there_was_a_choice_is_balanced(
    stored: dict[str, object], sensitivity: Sensitivity
) -> None:
    """So is what is unknown; other kinds have no such choice, whatever is stored."""
    settings = AlertSettings.from_dict({"kinds": {"urgent_low_soon": stored, "low": stored}})
    assert settings.kinds[AlertKind.URGENT_LOW_SOON] == replace(
        DEFAULT_KINDS[AlertKind.URGENT_LOW_SOON], sensitivity=sensitivity
    )
    assert settings.kinds[AlertKind.LOW] == DEFAULT_KINDS[AlertKind.LOW]
    assert AlertSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


def test_what_is_out_of_bounds_is_moved_to_the_bound() -> None:
    """Options from elsewhere never weaken the guard."""
    settings = AlertSettings.from_dict(
        {
            "kinds": {
                "urgent_low": {"limit": 20, "delay_minutes": 60, "repeat_minutes": 0, "snooze_minutes": 600},
                "high": {"limit": 1000, "night": {"limit": 10, "delay_minutes": -5, "repeat_minutes": "often"}},
            }
        }
    )
    assert settings.kinds[AlertKind.URGENT_LOW] == KindSettings(
        enabled=True, limit=50, delay=timedelta(0), repeat=5 * MINUTE, snooze=30 * MINUTE
    )
    assert settings.kinds[AlertKind.HIGH].limit == 400
    assert settings.kinds[AlertKind.HIGH].night == NightSettings(limit=100, delay=timedelta(0), repeat=None)


@hypothesis_settings(deadline=None, max_examples=200)
@given(SETTINGS_JSON)
def test_whatever_is_stored_gives_settings_within_the_bounds(stored: dict[str, object]) -> None:
    """No option, however odd, is an exception or out of bounds."""
    settings = AlertSettings.from_dict(stored)
    for kind, bounds in BOUNDS.items():
        of_kind = settings.kinds[kind]
        assert bounds.delay_minutes.clamp(of_kind.delay / MINUTE) == of_kind.delay / MINUTE
        assert bounds.repeat_minutes.clamp(of_kind.repeat / MINUTE) == of_kind.repeat / MINUTE
        assert bounds.snooze_minutes.clamp(of_kind.snooze / MINUTE) == of_kind.snooze / MINUTE
        if bounds.limit and of_kind.limit is not None:
            assert bounds.limit.clamp(of_kind.limit) == of_kind.limit
    assert settings.night_end.tzinfo is None
    assert AlertSettings.from_dict(settings.to_dict()) == settings


@pytest.mark.parametrize(("enabled", "smart_quiet"), [(False, True), (False, False), (True, True)])
def test_an_urgent_low_is_always_on_and_never_waits(enabled: bool, smart_quiet: bool) -> None:
    """Whatever is set."""
    settings = change(AlertKind.URGENT_LOW, enabled=enabled, smart_quiet=smart_quiet)
    effective = settings.effective(AlertKind.URGENT_LOW, datetime.now(UTC), UTC)
    assert effective.enabled
    assert not effective.smart_quiet


@pytest.mark.parametrize(
    ("settings", "problems"),
    [
        (DEFAULTS, []),
        (change(AlertKind.LOW, limit=250), ["low_above_high"]),
        (change(AlertKind.URGENT_LOW, limit=70), ["urgent_low_above_low"]),
        (change(AlertKind.HIGH, limit=320), []),
        (change(AlertKind.HIGH, change(AlertKind.URGENT_HIGH, enabled=True), limit=320), ["high_above_urgent_high"]),
        (change(AlertKind.LOW, night=NightSettings(limit=55)), ["urgent_low_above_low"]),
        (change(AlertKind.LOW, night=NightSettings(limit=80)), []),
        (replace(DEFAULTS, night_start=time(7)), ["night_hours"]),
    ],
)
def test_contradictions(settings: AlertSettings, problems: list[str]) -> None:
    """Limits are in order by day and by night, and the night has a length."""
    assert validate(settings) == problems


def test_night_takes_over_what_it_sets_and_nothing_else() -> None:
    """What is None at night is as by day."""
    settings = change(AlertKind.LOW, night=NightSettings(limit=90))
    settings = change(AlertKind.HIGH, settings, night=NightSettings(delay=5 * MINUTE, repeat=10 * MINUTE))
    night, day = datetime(2026, 1, 1, 23, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC)
    low, high = DEFAULT_KINDS[AlertKind.LOW], DEFAULT_KINDS[AlertKind.HIGH]
    assert settings.effective(AlertKind.LOW, day, UTC).limit == low.limit
    assert settings.effective(AlertKind.LOW, night, UTC).limit == 90
    assert settings.effective(AlertKind.LOW, night, UTC).repeat == low.repeat
    assert settings.effective(AlertKind.HIGH, night, UTC).limit == high.limit
    assert settings.effective(AlertKind.HIGH, night, UTC).delay == 5 * MINUTE
    assert settings.effective(AlertKind.HIGH, night, UTC).repeat == 10 * MINUTE


@pytest.mark.parametrize(
    ("start", "end", "clock", "is_night"),
    [
        (time(22), time(7), time(21, 59), False),
        (time(22), time(7), time(22), True),
        (time(22), time(7), time(6, 59), True),
        (time(22), time(7), time(7), False),
        (time(0), time(6), time(0), True),
        (time(0), time(6), time(6), False),
        (time(0), time(6), time(23), False),
    ],
)
def test_the_night_begins_and_ends_on_the_minute(start: time, end: time, clock: time, is_night: bool) -> None:
    """With or without midnight in it."""
    settings = replace(DEFAULTS, night_start=start, night_end=end)
    now = datetime.combine(datetime(2026, 7, 1, tzinfo=UTC), clock, BERLIN)
    assert settings.is_night(now, BERLIN) is is_night


def test_the_next_turn_follows_the_clocks_when_they_change() -> None:
    """On the night to summer time the end of the night comes an hour earlier."""
    settings = change(AlertKind.LOW, night=NightSettings(limit=90))
    assert settings.next_turn(datetime(2026, 3, 28, 20, tzinfo=UTC), BERLIN) == datetime(2026, 3, 28, 21, tzinfo=UTC)
    assert settings.next_turn(datetime(2026, 3, 28, 21, tzinfo=UTC), BERLIN) == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert settings.next_turn(datetime(2026, 3, 29, 5, tzinfo=UTC), BERLIN) == datetime(2026, 3, 29, 20, tzinfo=UTC)


def test_without_a_night_there_is_no_turn() -> None:
    """Nothing changes then."""
    assert DEFAULTS.next_turn(datetime(2026, 3, 28, 20, tzinfo=UTC), BERLIN) is None


def test_an_urgent_low_is_on_at_night_whatever_is_stored() -> None:
    """Options from elsewhere never weaken the guard."""
    data = {"kinds": {"urgent_low": {"night": {"enabled": False}}, "low": {"night": {"enabled": False}}}}
    at_night = AlertSettings.from_dict(data).in_force(is_night=True)
    assert at_night[AlertKind.URGENT_LOW].enabled
    assert not at_night[AlertKind.LOW].enabled
    assert AlertSettings.from_dict(data).in_force(is_night=False)[AlertKind.LOW].enabled


def test_an_urgent_high_that_is_on_at_night_only_is_in_order() -> None:
    """Its limit counts as soon as it can be given."""
    data = {"kinds": {"urgent_high": {"limit": 200, "night": {"enabled": True}}}}
    assert validate(AlertSettings.from_dict(data)) == ["high_above_urgent_high"]
    assert validate(AlertSettings.from_dict({"kinds": {"urgent_high": {"limit": 200}}})) == []

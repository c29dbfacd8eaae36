"""What Home Assistant's and HACS's validators ask of the repository, as far as it can be asked here."""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition, service, trigger
from homeassistant.setup import async_setup_component
from PIL import Image
import pytest
import yaml

from custom_components.dexcom_share.const import DOMAIN

REPOSITORY = Path(__file__).parent.parent
INTEGRATION = REPOSITORY / "custom_components" / DOMAIN
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def load(name: str) -> Any:
    """Return a JSON or YAML file of the integration."""
    text = (INTEGRATION / name).read_text()
    return json.loads(text) if name.endswith(".json") else yaml.safe_load(text)


ENGLISH = load("translations/en.json")
ICONS = load("icons.json")
# Languages that keep up with English; others show English where a text is missing.
COMPLETE = ("en", "de")


def texts(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Return every text with its path."""
    for key, value in tree.items():
        if isinstance(value, str):
            yield f"{path}.{key}", value
        else:
            yield from texts(value, f"{path}.{key}")


def test_manifest() -> None:
    """The keys that are asked for, in the order that is asked for, and nothing to install."""
    manifest = load("manifest.json")
    keys = list(manifest)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert manifest["domain"] == INTEGRATION.name
    assert {"codeowners", "config_flow", "documentation", "integration_type", "iot_class", "issue_tracker"} <= set(keys)
    assert manifest["requirements"] == []
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])


def test_hacs() -> None:
    """HACS knows the keys, and finds one integration."""
    hacs = json.loads((REPOSITORY / "hacs.json").read_text())
    assert set(hacs) <= {"name", "homeassistant", "content_in_root", "filename", "zip_release", "hide_default_branch"}
    folders = [path.name for path in INTEGRATION.parent.iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert folders == [DOMAIN]


@pytest.mark.parametrize(("name", "size"), [("icon", 256), ("dark_icon", 256), ("icon@2x", 512), ("dark_icon@2x", 512)])
def test_brand(name: str, size: int) -> None:
    """The icons are square and of the sizes that are asked for."""
    with Image.open(INTEGRATION / "brand" / f"{name}.png") as image:
        assert image.size == (size, size)


def test_quality_scale() -> None:
    """Every rule of the scale has its place; what does not apply says why."""
    rules = load("quality_scale.yaml")["rules"]
    assert len(rules) == 54
    for name, rule in rules.items():
        assert rule == "done" or (rule["status"] in {"done", "exempt"} and rule["comment"]), name


@pytest.mark.parametrize("path", sorted(INTEGRATION.glob("translations/*.json")), ids=lambda path: path.stem)
def test_translations_are_alike(path: Path) -> None:
    """No language has a text that English lacks, or other placeholders than it; no text is empty."""
    english, other = dict(texts(ENGLISH)), dict(texts(json.loads(path.read_text())))
    assert set(other) <= set(english)
    for key, text in other.items():
        assert text.strip() == text != "", key
        assert "://" not in text, f"{key}: an address belongs into a placeholder"
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(english[key])), key


@pytest.mark.parametrize("language", COMPLETE)
def test_a_language_is_complete(language: str) -> None:
    """Every text of English is there, in the same order, written as the English file is."""
    raw = (INTEGRATION / f"translations/{language}.json").read_text()
    assert [key for key, _ in texts(json.loads(raw))] == [key for key, _ in texts(ENGLISH)]
    assert raw == json.dumps(json.loads(raw), indent=2, ensure_ascii=False) + "\n"


def test_every_translation_key_of_the_code_has_its_text() -> None:
    """No error, issue or entity is without words, and no words are left over."""
    code = "\n".join(path.read_text() for path in INTEGRATION.rglob("*.py"))
    quoted = set(re.findall(r'"([a-z0-9_]+)"', code))
    for section in ("exceptions", "issues"):
        for key in ENGLISH[section]:
            is_composed = any(f'f"{key[:length]}{{' in code for length in range(1, len(key)))
            assert key in quoted or is_composed, f"{section}.{key} is used nowhere"
    for key in re.findall(r'translation_key="([a-z0-9_]+)"', code):
        known = [
            *ENGLISH["exceptions"],
            *ENGLISH["issues"],
            *ENGLISH["selector"],
            *(name for platform in ENGLISH["entity"].values() for name in platform),
        ]
        assert key in known, key


@pytest.mark.parametrize(
    ("kind", "icon"), [("services", "service"), ("triggers", "trigger"), ("conditions", "condition")]
)
def test_actions_triggers_and_conditions_are_described(kind: str, icon: str) -> None:
    """Each has a name, a description, an icon, and a text for each field; and the reverse."""
    described = {key: value for key, value in load(f"{kind}.yaml").items() if not key.startswith(".")}
    assert set(described) == set(ENGLISH[kind]) == set(ICONS[kind])
    for key, description in described.items():
        words = ENGLISH[kind][key]
        assert words["name"], key
        assert words["description"], key
        assert ICONS[kind][key][kind.removesuffix("s")].startswith("mdi:"), key
        fields = dict(flat_fields((description or {}).get("fields") or {}))
        assert set(fields) == set(words.get("fields", {})), key
        for name in fields:
            assert words["fields"][name]["name"], (key, name)
            assert words["fields"][name]["description"], (key, name)


def flat_fields(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return the fields, those of sections too."""
    for name, field in fields.items():
        if "fields" in field:
            yield from flat_fields(field["fields"])
        else:
            yield name, field


async def test_home_assistant_reads_the_descriptions(hass: HomeAssistant) -> None:
    """Core's own loaders find every action, trigger and condition."""
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done()
    actions = await service.async_get_all_descriptions(hass)
    assert set(actions[DOMAIN]) == set(load("services.yaml"))
    for kind, loader in (("triggers", trigger), ("conditions", condition)):
        found = await loader.async_get_all_descriptions(hass)
        ours = {
            key.removeprefix(f"{DOMAIN}.") for key, value in found.items() if key.startswith(f"{DOMAIN}.") and value
        }
        assert ours == {key for key in load(f"{kind}.yaml") if not key.startswith(".")}


@pytest.mark.parametrize("kind", ["services", "triggers", "conditions"])
def test_a_target_counts_in_the_editor(kind: str) -> None:
    """The front end counts entities without knowing whose they are: the integration is asked of the device alone."""
    targets = {
        key: each["target"]
        for key, each in load(f"{kind}.yaml").items()
        if not key.startswith(".") and each and "target" in each
    }
    assert targets
    for key, target in targets.items():
        assert target["device"] == [{"integration": DOMAIN}], key
        assert target["entity"], key
        for entity in target["entity"]:
            assert "domain" in entity, key
            assert not {"integration", "device"} & set(entity), key


def test_every_platform_says_how_many_updates_run_at_once() -> None:
    """Readers of the coordinator need no limit, what acts on Share goes one by one."""
    for platform in ("binary_sensor", "button", "event", "image", "sensor", "switch"):
        assert re.search(r"^PARALLEL_UPDATES = [01]$", (INTEGRATION / f"{platform}.py").read_text(), re.MULTILINE), (
            platform
        )


def test_links_in_the_documents_lead_somewhere() -> None:
    """No page points at a file that is not there."""
    for page in [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("simulator/*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"

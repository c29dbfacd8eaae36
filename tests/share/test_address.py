"""Where a password may travel to."""

import pytest

from custom_components.dexcom_share.share import Region, ShareRequestError, check_base_url


@pytest.mark.parametrize(
    ("region", "base_url", "application_id"),
    [
        ("us", "https://share2.dexcom.com/ShareWebServices/Services/", "d89443d2-327c-4a6f-89e5-496bbb0317db"),
        ("ous", "https://shareous1.dexcom.com/ShareWebServices/Services/", "d89443d2-327c-4a6f-89e5-496bbb0317db"),
        ("jp", "https://share.dexcom.jp/ShareWebServices/Services/", "d8665ade-9673-4e27-9ff6-92db4ce13d13"),
    ],
)
def test_each_region_has_its_address_and_application(region: str, base_url: str, application_id: str) -> None:
    """Japan insists on the application id of the uploader."""
    assert Region(region).base_url == base_url
    assert Region(region).application_id == application_id


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("https://share2.dexcom.com/a/b", "https://share2.dexcom.com/a/b/"),
        (" HTTPS://Share2.Dexcom.Com/a/b/// ", "https://share2.dexcom.com/a/b/"),
        ("https://share.example", "https://share.example/"),
        ("https://share.example:8443/", "https://share.example:8443/"),
        ("http://localhost:8765/x", "http://localhost:8765/x/"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765/"),
        ("http://127.9.8.7", "http://127.9.8.7/"),
        ("http://[::1]:8765/", "http://[::1]:8765/"),
    ],
)
def test_a_safe_address_ends_with_one_slash(url: str, checked: str) -> None:
    """Plain http is for this machine alone."""
    assert check_base_url(url) == checked


@pytest.mark.parametrize(
    "url",
    [
        "",
        "share2.dexcom.com",
        "/ShareWebServices",
        "http://share2.dexcom.com/",
        "http://192.168.1.5/",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://[::ffff:192.168.1.5]/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://name:secret@share2.dexcom.com/",
        "https://name@share2.dexcom.com/",
        "https://:secret@share2.dexcom.com/",
        "http://127.0.0.1@share.example/",
        "http://127.0.0.1\\@share.example/",
        "https://share2.dexcom.com/?q=secret",
        "https://share2.dexcom.com/#secret",
        "https://share2.dexcom.com:port/",
        "https://share2.dexcom.com:99999/",
        "https://[::1/",
        "http://[::]@/",
        "https://[::125eth0]/",
        "https://[fe80::1%25eth0]/",
        "https://a b/",
        "https://share..example/",
        "https://" + "a." * 140 + "a/",
    ],
)
def test_any_other_address_is_refused_without_being_repeated(url: str) -> None:
    """What was typed into the address may itself be a secret."""
    with pytest.raises(ShareRequestError) as caught:
        check_base_url(url)
    assert caught.value.code == "InvalidArgument"
    assert "secret" not in str(caught.value)
    assert "share" not in str(caught.value)

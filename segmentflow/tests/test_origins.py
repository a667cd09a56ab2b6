"""Which pages may send: origins as people write them and as browsers send them."""

from __future__ import annotations

import pytest

from segmentflow.api.origins import is_allowed, read_origin


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://www.example.com", "https://www.example.com"),
        (" HTTPS://Www.Example.com/ ", "https://www.example.com"),
        ("https://example.com:443", "https://example.com"),
        ("http://example.com:80", "http://example.com"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://example.com:80", "https://example.com:80"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://*.example.com", "https://*.example.com"),
        ("https://*.example.com:8443", "https://*.example.com:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(typed, origin):
    assert read_origin(typed) == origin


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("*", "let every page in"),
        ("https://*", "let every page in"),
        ("null", "let every page in"),
        ("www.example.com", "begin with https://"),
        ("ftp://example.com", "begin with https://"),
        ("https://", "begin with https://"),
        ("https://example.com/shop", "Leave only https://"),
        ("https://example.com?x=1", "Leave only https://"),
        ("https://me@example.com", "Leave only https://"),
        ("https://*.com", "too many sites"),
        ("https://shop.*.com", "only at the beginning"),
        ("https://exam ple.com", "no host"),
        ("https://example.com:99999", "no host or port"),
        ("https://example.com:http", "no host or port"),
        ("https://[::1", "no host"),
        ("https://-.com", "no host"),
        ("https://" + "ü" * 300 + ".example", "no host"),
        ("https://" + ".".join(["a" * 60] * 6), "longer than"),
    ],
)
def test_what_is_no_origin_is_said_in_words(typed, said):
    with pytest.raises(ValueError, match=said):
        read_origin(typed)


@pytest.mark.parametrize(
    ("origin", "is_in"),
    [
        ("https://example.com", True),
        ("http://example.com", False),
        ("https://example.com:8443", False),
        ("https://www.example.com", False),
        ("https://a.shop.test", True),
        ("https://a.b.shop.test", True),
        ("https://shop.test", False),
        ("http://a.shop.test", False),
        ("https://a.shop.test:8443", False),
        ("https://evil.test/.shop.test", False),
        ("https://evil.test#.shop.test", False),
        ("https://.shop.test", False),
        ("https://evilshop.test", False),
        ("null", False),
        ("", False),
    ],
)
def test_an_origin_is_the_same_scheme_host_and_port_or_a_subdomain(origin, is_in):
    assert is_allowed(origin, ["https://example.com", "https://*.shop.test"]) == is_in

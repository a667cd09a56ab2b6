"""Where links of messages lead: what the environment says, else where `manage.py up` serves."""

from __future__ import annotations

import pytest

from segmentflow.processes.running import Options, _environment


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("127.0.0.1", 8000, "http://127.0.0.1:8000"),
        ("0.0.0.0", 8117, "http://localhost:8117"),  # noqa: S104 - read, not bound
        ("::1", 80, "http://[::1]:80"),
    ],
)
def test_links_lead_to_where_it_serves(monkeypatch, host, port, address):
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    assert _environment(Options(host, port, workers=1))["PUBLIC_URL"] == address


def test_the_environment_knows_better(monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", "https://segments.example.com")
    options = Options("127.0.0.1", 8000, workers=1)
    assert _environment(options)["PUBLIC_URL"] == "https://segments.example.com"

"""What `manage.py up` tells its processes: where links of messages lead, and that they are needed."""

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


def test_what_is_for_tests_does_not_silence_a_cluster(monkeypatch):
    monkeypatch.setenv("SEGMENTFLOW_WAKE", "0")
    assert _environment(Options("127.0.0.1", 8000, workers=1))["SEGMENTFLOW_WAKE"] == "1"

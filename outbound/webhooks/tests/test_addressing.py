"""Requests leave for the internet alone, whatever the address says and wherever its name leads."""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
import time
from datetime import timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from campaigns.channels.tests.servers import Reply, gateway
from outbound.webhooks import addressing, posting
from outbound.webhooks.addressing import Allowed, NotAllowed, addresses_of, place_of, wrong_url
from outbound.webhooks.posting import Poster, Request
from segmentflow.clock import current_time

NOTHING = Allowed()


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook?a=b",
        "https://example.com:8443/",
        "https://[2606:4700::1111]/",
        "https://8.8.8.8/x",
    ],
)
def test_addresses_of_the_internet_are_fine(url):
    assert wrong_url(url, allowed=NOTHING) == ""


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com",
        "file:///etc/passwd",
        "http://example.com/",
        "https://user:password@example.com/",
        "https://example.com/#part",
        "https://example.com/a b",
        "https://example.com/\n",
        "https://example.com:99999/",
        "https://example.com:0/",
        "https://[::1",
        "https://localhost/",
        "https://intranet/",
        "https://printer.local/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://2130706433/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://192.168.1.1./",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::7f00:1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[fec0::1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://100.64.0.1/",
        "https://exa\u212ample.com/",
        "https://example.com/" + "x" * 2_000,
    ],
)
def test_others_are_refused_with_a_sentence(url):
    assert wrong_url(url, allowed=NOTHING).endswith(".")


def test_networks_and_names_can_be_allowed_and_then_without_encryption():
    allowed = Allowed(("10.1.0.0/16", "hooks.lan", "::1"))
    for url in (
        "http://10.1.2.3:8080/x",
        "https://hooks.lan/",
        "http://HOOKS.lan./",
        "http://[::1]/",
    ):
        assert wrong_url(url, allowed=allowed) == ""
    for url in ("http://10.2.0.1/", "https://other.lan/", "http://example.com/"):
        assert wrong_url(url, allowed=allowed) != ""


@pytest.fixture
def leads_to(monkeypatch):
    """Where names lead."""

    def set_(*found):
        answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in found]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)

    return set_


def test_a_name_that_leads_inside_is_refused_when_something_is_sent(leads_to):
    place = place_of("https://example.com/hook")
    leads_to("10.0.0.7")
    with pytest.raises(NotAllowed, match=r"example.com leads to 10.0.0.7.*private network"):
        addresses_of(place, allowed=NOTHING)
    leads_to("10.0.0.7", "93.184.216.34")
    assert addresses_of(place, allowed=NOTHING) == [ip_address("93.184.216.34")]
    leads_to("10.0.0.7")
    assert addresses_of(place, allowed=Allowed(("10.0.0.0/8",))) == [ip_address("10.0.0.7")]
    assert addresses_of(place, allowed=Allowed(("example.com",))) == [ip_address("10.0.0.7")]
    answer = Poster(NOTHING)(Request("https://example.com/hook", b"", {}))
    assert answer.status is None
    assert "private network" in answer.error


def test_an_allowed_name_in_the_network_is_not_called_unencrypted_outside(leads_to):
    leads_to("93.184.216.34")
    with pytest.raises(NotAllowed):
        addresses_of(place_of("http://10.0.0.1/"), allowed=Allowed(("10.0.0.0/8",)))


def test_the_connection_is_made_to_what_was_looked_at(monkeypatch):
    """The name is asked once; a second answer, which leads inside, is never heard (DNS rebinding)."""
    asked = []
    real = socket.getaddrinfo

    def answer(host, *rest, **options):
        if host != "rebound.example":
            return real(host, *rest, **options)
        asked.append(host)
        inside = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return real(inside, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with gateway() as server:
        port = server.server_address[1]
        url = f"http://rebound.example:{port}/hook"
        said = Poster(Allowed(("127.0.0.1",)))(Request(url, b"{}", {}))
        assert (said.status, len(asked)) == (200, 1)
        assert server.requests[0].headers["Host"] == f"rebound.example:{port}"


def test_redirects_are_not_followed():
    with gateway() as server, gateway() as inside:
        for status in (301, 302, 303, 307, 308):
            server.say(Reply(status, {}, {"Location": inside.address}))
            said = Poster(Allowed(("127.0.0.1",)))(Request(server.address, b"{}", {}))
            assert said.status == status
        assert inside.requests == []


class _Dripping(http.server.BaseHTTPRequestHandler):
    """A letter now and then: each comes in time, and the answer never."""

    def do_POST(self) -> None:
        try:
            while True:
                self.wfile.write(b"H")
                time.sleep(0.03)
        except OSError:
            pass

    def log_message(self, *_arguments: object) -> None:
        pass


def test_a_receiver_that_answers_letter_by_letter_is_cut_off():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Dripping)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        said = Poster(Allowed(("127.0.0.1",)), seconds=0.3)(Request(url, b"{}", {}))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert said.status is None
    assert said.error == "There was no answer within 0.3 seconds."
    assert 280 <= said.milliseconds < 1_000


def test_a_receiver_that_is_not_there_is_said():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{one.getsockname()[1]}/"
    said = Poster(Allowed(("127.0.0.1",)))(Request(url, b"{}", {}))
    assert said.error == "There is no connection to the receiver."


def test_certificates_are_checked(tmp_path, monkeypatch):
    """The same server is refused until its certificate is one of an authority that is trusted."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made(key, certificate)
    with gateway() as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        port = server.server_address[1]
        post = Poster(Allowed(("127.0.0.0/8", "localhost")))
        refused = post(Request(f"https://localhost:{port}/", b"{}", {}))
        assert "certificate or encryption is not valid" in refused.error

        trusting = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(posting, "_certificates", lambda: trusting)
        assert post(Request(f"https://localhost:{port}/", b"{}", {})).status == 200
        other_name = post(Request(f"https://127.0.0.1:{port}/", b"{}", {}))
        assert "certificate" in other_name.error


def made(key_file, certificate_file):
    """A certificate for localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = current_time()
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    kind = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, *kind))
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def test_where_requests_may_go_comes_from_the_environment(settings):
    settings.OUTBOUND_PRIVATE_HOSTS = ["10.0.0.0/8"]
    assert wrong_url("http://10.0.0.1/", allowed=addressing.allowed_here()) == ""

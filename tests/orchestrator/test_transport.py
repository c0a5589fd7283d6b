"""Requests on the wire: what was sent, what is read of the answer, and what is said about it."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import logging
import ssl
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.demo.orchestrator import ArmedFault
from bot.domain.errors import (
    AnswerLost,
    Busy,
    InvalidRequest,
    LoginRefused,
    NotVisible,
    Unreachable,
    UnreadableAnswer,
)
from bot.domain.execution import ExecutionState
from bot.orchestrator.answers import clock_gap, names_key, one_line, retry_after
from bot.orchestrator.connection import Connection
from bot.orchestrator.exchange import ApiAnswer
from bot.orchestrator.login import Bearer
from tests.orchestrator.raw_server import Reply, Then, http, responder
from tests.orchestrator.reaching import reach, to

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from bot.demo.orchestrator import PretendOrchestrator, PretendWorkflow
    from bot.orchestrator.client import Orchestrator

    Open = Callable[..., AbstractAsyncContextManager[Orchestrator]]

RUNNING = http(200, {"value": "running"})
SHORT = timedelta(seconds=0.3)


# what leaves


async def test_a_request_asks_for_json_and_sends_json() -> None:
    async with responder(http(202, {"id": "e"})) as server, to(server) as client:
        await client.start("w", [])
    seen = server.seen[0]
    assert seen.line == "POST /vco/api/workflows/w/executions HTTP/1.1"
    assert seen.headers["accept"] == "application/json"
    assert seen.headers["content-type"] == "application/json"
    assert seen.body == b"{}"


@pytest.mark.parametrize(
    ("identity", "path"),
    [
        ("a/b", "a%2Fb"),
        ("x/../y", "x%2F..%2Fy"),
        ("a b?c#d", "a%20b%3Fc%23d"),
        ("50%2F", "50%252F"),
        ("größe", "gr%C3%B6%C3%9Fe"),
        ("...", "..."),
    ],
)
async def test_an_id_never_leaves_its_place_in_the_path(identity: str, path: str) -> None:
    async with responder(RUNNING) as server, to(server) as client:
        await client.state(identity, identity)
    assert server.seen[0].line == f"GET /vco/api/workflows/{path}/executions/{path}/state HTTP/1.1"


@pytest.mark.parametrize("identity", ["", ".", "..", "x" * 600])
async def test_what_is_no_id_is_refused_and_nothing_is_sent(identity: str) -> None:
    async with responder(RUNNING) as server, to(server) as client:
        for call in (
            client.workflow(identity),
            client.start(identity, []),
            client.state("w", identity),
            client.execution(identity, "e"),
            client.cancel("w", identity),
            client.interaction("w", identity),
            client.logs("w", identity),
        ):
            with pytest.raises(InvalidRequest, match="not an id"):
                await call
    assert server.connections == 0


async def test_calls_one_after_the_other_share_a_connection_and_send_no_cookies() -> None:
    async with (
        responder(http(200, {"value": "running"}, Set_Cookie="JSESSIONID=1; Path=/")) as server,
        to(server) as client,
    ):
        for _ in range(5):
            await client.state("w", "e")
    assert server.connections == 1
    assert not any("cookie" in seen.headers for seen in server.seen)


async def test_the_environment_s_proxy_and_netrc_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://localhost:1")
    monkeypatch.setenv("HTTP_PROXY", "http://localhost:1")
    async with responder(RUNNING) as server, to(server) as client:
        assert await client.state("w", "e") is ExecutionState.RUNNING


async def test_a_proxy_that_is_not_there_means_nothing_was_sent() -> None:
    async with responder(RUNNING) as server, to(server, proxy="http://localhost:1") as client:
        with pytest.raises(Unreachable):
            await client.start("w", [])


async def test_a_tunnel_that_a_proxy_refuses_means_nothing_was_sent() -> None:
    far = "https://orchestrator.example.com"
    async with responder(http(502)) as proxy, reach(far, proxy=proxy.url) as client:
        with pytest.raises(Unreachable):
            await client.start("w", [])
    assert proxy.seen[0].line.startswith("CONNECT ")


# once or twice


@pytest.mark.parametrize(
    "broken",
    [
        Reply(then=Then.CLOSE),
        Reply(then=Then.RESET),
        http(200, {"value": "running"}, cut=4, then=Then.CLOSE),
        Reply(data=b"HTTP/1.1 2", then=Then.CLOSE),
    ],
    ids=["closed", "reset", "cut off", "cut off in the head"],
)
async def test_a_read_whose_connection_drops_is_sent_once_more(broken: Reply) -> None:
    async with responder(broken, RUNNING) as server, to(server) as client:
        assert await client.state("w", "e") is ExecutionState.RUNNING
    assert len(server.seen) == 2


async def test_a_read_is_not_sent_a_third_time() -> None:
    async with responder(Reply(then=Then.CLOSE)) as server, to(server) as client:
        with pytest.raises(AnswerLost):
            await client.state("w", "e")
    assert len(server.seen) == 2


async def test_a_read_that_takes_too_long_is_not_repeated() -> None:
    async with responder(Reply(then=Then.HOLD)) as server, to(server, timeout=SHORT) as client:
        with pytest.raises(AnswerLost):
            await client.state("w", "e")
    assert len(server.seen) == 1


async def test_a_cancel_whose_answer_is_lost_is_not_repeated() -> None:
    async with responder(Reply(then=Then.CLOSE)) as server, to(server) as client:
        with pytest.raises(AnswerLost):
            await client.cancel("w", "e")
    assert len(server.seen) == 1


async def test_an_answer_that_drips_is_bounded_as_a_whole() -> None:
    async with (
        responder(http(200, {"value": "running"}, cut=4, then=Then.HOLD)) as server,
        to(server, timeout=SHORT) as client,
    ):
        with pytest.raises(AnswerLost):
            await client.state("w", "e")


@pytest.mark.parametrize(("status", "expected"), [(404, NotVisible), (401, LoginRefused)])
async def test_a_status_stands_though_its_body_never_comes(status: int, expected: type[Exception]) -> None:
    async with (
        responder(http(status, b"<html>", cut=3, kind="text/html", then=Then.HOLD)) as server,
        to(server, timeout=SHORT) as client,
    ):
        with pytest.raises(expected):
            await client.start("w", [])


async def test_a_start_that_waits_too_long_for_others_was_not_sent() -> None:
    async with (
        responder(Reply(then=Then.HOLD)) as server,
        to(server, timeout=timedelta(seconds=1), reads_at_once=1, writes_at_once=1) as client,
    ):
        starts = [asyncio.create_task(client.start("w", [])) for _ in range(3)]
        results = await asyncio.gather(*starts, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["AnswerLost", "Unreachable", "Unreachable"]


async def test_slow_reads_leave_a_connection_for_a_start() -> None:
    hold = Reply(then=Then.HOLD)
    async with (
        responder(hold, http(202, {"id": "e"})) as server,
        to(server, reads_at_once=1, writes_at_once=1) as client,
    ):
        read = [asyncio.create_task(client.state("w", f"{n}")) for n in range(5)]
        async with asyncio.timeout(5):
            await server.asked.wait()
            assert (await client.start("w", [])).execution_id == "e"
        for task in read:
            task.cancel()
        await asyncio.wait(read)


async def test_a_server_that_was_silent_for_a_while_is_spoken_to_as_before(
    vro8: PretendOrchestrator, open_client: Open, resize: PretendWorkflow
) -> None:
    short = timedelta(seconds=0.5)
    async with open_client(vro8, timeout=short, reads_at_once=3, writes_at_once=2) as client:
        run = (await client.start(resize.id, [])).execution_id
        vro8.fault("* *", ArmedFault.SILENCE, times=None)
        reads = (client.state(resize.id, run) for _ in range(60))
        starts = (client.start(resize.id, []) for _ in range(20))
        lost = await asyncio.gather(*reads, *starts, return_exceptions=True)
        assert {type(each) for each in lost} == {AnswerLost, Unreachable}
        vro8.clear_faults()
        await asyncio.gather(*(client.state(resize.id, run) for _ in range(6)))
        assert (await client.start(resize.id, [])).execution_id


# what is read


async def test_a_body_of_five_megabytes_is_not_read_but_a_list_may_be_larger() -> None:
    filler = {"link": [], "padding": "x" * 6_000_000}
    async with responder(http(200, filler)) as server, to(server) as client:
        assert await client.workflows() == ()
        with pytest.raises(UnreadableAnswer, match=r"larger than 5,000,000 bytes"):
            await client.execution("w", "e")


async def test_a_list_has_its_bound_too() -> None:
    async with (
        responder(http(200, {"link": [], "padding": "x" * 2_000})) as server,
        to(server, max_list=1_000) as client,
    ):
        with pytest.raises(UnreadableAnswer, match=r"larger than 1,000 bytes"):
            await client.workflows()


async def test_a_body_without_a_length_is_bounded_while_it_comes() -> None:
    chunk = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with (
        responder(Reply(data=head + chunk * 3, then=Then.HOLD)) as server,
        to(server, max_body=15_000) as client,
    ):
        with pytest.raises(UnreadableAnswer, match="larger"):
            await client.state("w", "e")


@pytest.mark.parametrize(
    "reply",
    [
        http(200, b"<html>Sign in</html>", kind="text/html"),
        http(200, b"<state>running</state>", kind="application/xml"),
        http(200, b"<html>", kind=""),
        http(200, b""),
        http(200, b'{"value": "runn'),
        http(200, b"[" * 100_000),
        http(200, b"17"),
        http(204, b"", kind=""),
        http(200, b"not gzip", Content_Encoding="gzip"),
    ],
)
async def test_what_is_not_json_is_unreadable(reply: Reply) -> None:
    async with responder(reply) as server, to(server) as client:
        with pytest.raises(UnreadableAnswer) as raised:
            await client.state("w", "e")
    assert "html" not in str(raised.value).lower()
    assert "runn" not in str(raised.value)


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON;charset=utf-8",
        "text/plain",
        "text/html",
        "application/x;charset=z",
        "",
    ],
)
async def test_json_is_known_by_its_look_whatever_it_is_called(kind: str) -> None:
    async with (
        responder(http(200, b'\xef\xbb\xbf {"value": "running"}', kind=kind)) as server,
        to(server) as client,
    ):
        assert await client.state("w", "e") is ExecutionState.RUNNING


@pytest.mark.parametrize("size", [0, 300_000])
@pytest.mark.parametrize(
    ("encoding", "kind"),
    [
        ("utf-8", "application/json"),
        ("utf-8", "application/json; charset=ISO-8859-1"),
        ("utf-8", "application/json; charset=idna"),
        ("latin-1", "application/json"),
        ("latin-1", "text/plain; charset=ISO-8859-1"),
        ("cp1250", 'application/json; charset="windows-1250"'),
        ("utf-16", "application/octet-stream"),
        ("utf-16-be", "application/json"),
        ("utf-32", "application/json"),
        ("gb18030", "application/json;charset=GB18030"),
    ],
)
async def test_a_text_is_read_in_whatever_charset_it_comes(encoding: str, kind: str, size: int) -> None:
    text = f'{{"padding": "{"x" * size}", "id": "e", "state": "failed", "content-exception": "Größe"}}'
    async with responder(http(200, text.encode(encoding), kind=kind)) as server, to(server) as client:
        assert (await client.execution("w", "e")).content_exception == "Größe"


@pytest.mark.parametrize("size", [0, 300_000])
async def test_half_a_character_costs_that_character_only(size: int) -> None:
    text = f'{{"padding": "{"x" * size}", "id": "e", "state": "failed", "content-exception": "ok \\ud83d!"}}'
    async with responder(http(200, text.encode())) as server, to(server) as client:
        assert (await client.execution("w", "e")).content_exception == "ok \ufffd!"


async def test_a_body_that_announces_to_be_too_large_is_not_read_at_all() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000001\r\n\r\n"
    async with responder(Reply(data=head, then=Then.HOLD)) as server, to(server) as client:
        with pytest.raises(UnreadableAnswer, match="larger"):
            await client.execution("w", "e")


async def test_an_unreadable_body_is_quoted_in_no_error_and_no_cause() -> None:
    async with responder(http(200, b'{"expires_in": "s3cret", "value": ')) as server, to(server) as client:
        with pytest.raises(UnreadableAnswer) as raised:
            await client.state("w", "e")
    assert "s3cret" not in f"{raised.value} {raised.value.__cause__}"


@pytest.mark.parametrize(
    ("date", "expected"),
    [("Mon, 01 Jan 2024 11:57:00 GMT", 180.0), ("Mon, 01 Jan 2024 12:09:00 GMT", -540.0), ("soon", None)],
)
def test_how_far_a_clock_is_off_is_known_by_the_date_of_an_answer(date: str, expected: float | None) -> None:
    answer = ApiAnswer(status=200, headers=httpx.Headers({"Date": date}))
    now = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
    gap = clock_gap(answer, now=now)
    assert (gap and gap.total_seconds()) == expected


# how it is said


async def test_the_ids_that_find_a_call_in_the_servers_logs_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="bot.orchestrator")
    reply = http(503, {"message": "no"}, X_Request_Id="r-17", X_VCF_RequestId="v-4")
    async with responder(reply) as server, to(server) as client:
        with pytest.raises(AnswerLost):
            await client.state("w", "e-9")
    assert "GET /workflows/w/executions/e-9/state -> 503" in caplog.text
    assert "x-request-id=r-17" in caplog.text
    assert "x-vcf-requestid=v-4" in caplog.text


def answered(status: int = 429, body: bytes = b"", **headers: str) -> ApiAnswer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ApiAnswer(status=status, headers=httpx.Headers(named), body=body)


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    assert retry_after(answered(retry_after=" 30 ")) == timedelta(seconds=30)
    assert retry_after(answered(retry_after="99999999999999")) == timedelta(days=1)
    assert retry_after(answered(retry_after="Wed, 21 Oct 2015 07:28:00 GMT")) == timedelta(0)
    assert retry_after(answered(retry_after="Wed, 21 Oct 9015 07:28:00 GMT")) == timedelta(days=1)
    assert retry_after(answered(retry_after="soon")) is None
    assert retry_after(answered()) is None


async def test_429_without_a_wait_is_busy_all_the_same() -> None:
    async with responder(http(429)) as server, to(server) as client:
        with pytest.raises(Busy) as raised:
            await client.state("w", "e")
    assert raised.value.retry_after is None


def test_foreign_text_becomes_one_short_plain_line() -> None:
    assert one_line("a\r\n\tb\x1b[31m\u202ec\u0000") == "a b[31mc"
    assert one_line("x" * 500) == "x" * 199 + "…"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"message": "Unrecognized field \\"parameters\\" (class X)"}', True),
        (b"<p>Unrecognized field &quot;parameters&quot;</p>", True),
        (b"Unknown key 'parameters'", True),
        (b"The parameters are wrong", False),
        (b'Unrecognized field "parametersX"', False),
        (b"", False),
    ],
)
def test_a_key_counts_as_named_only_in_quotes(body: bytes, *, named: bool) -> None:
    assert names_key(answered(400, body), key="parameters") is named


# whom it trusts


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A CA's certificate file, and a server context with a certificate of its making for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    ca = _certificate(ca_name, ca_name, ca_key.public_key(), ca_key, authority=True)
    leaf = _certificate(name, ca_name, server_key.public_key(), ca_key, authority=False)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    key = server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(leaf.public_bytes(pem) + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return folder / "ca.pem", context


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


async def test_a_certificate_of_the_given_authority_is_trusted(
    authority: tuple[Path, ssl.SSLContext],
) -> None:
    bundle, context = authority
    async with responder(RUNNING, tls=context) as server, to(server, ca_bundle=bundle) as client:
        assert await client.state("w", "e") is ExecutionState.RUNNING


async def test_verification_is_on_unless_switched_off(authority: tuple[Path, ssl.SSLContext]) -> None:
    async with responder(RUNNING, tls=authority[1]) as server:
        async with to(server) as client:
            with pytest.raises(Unreachable, match="certificate is not trusted"):
                await client.start("w", [])
        assert server.seen == []
        async with to(server, verify=False) as client:
            assert await client.state("w", "e") is ExecutionState.RUNNING


async def test_a_server_that_speaks_no_tls_was_sent_nothing(authority: tuple[Path, ssl.SSLContext]) -> None:
    async with responder(RUNNING) as server:
        url = server.url.replace("http:", "https:")
        async with to(server, url=url, ca_bundle=authority[0], timeout=SHORT) as client:
            with pytest.raises(Unreachable):
                await client.start("w", [])


# what a connection is


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://o.example.com", "https://o.example.com/vco/api"),
        ("https://o.example.com/", "https://o.example.com/vco/api"),
        ("https://o.example.com:8281/vco", "https://o.example.com:8281/vco/api"),
        ("https://o.example.com/vco/api/", "https://o.example.com/vco/api"),
        ("http://gateway/tenant-a", "http://gateway/tenant-a/vco/api"),
    ],
)
def test_the_api_s_root_is_found_below_every_url(url: str, api: str) -> None:
    assert Connection(url=url, login=Bearer(token="t")).api == api


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "o.example.com"},
        {"url": "ftp://o.example.com"},
        {"url": "https://"},
        {"url": "https://me:secret@o.example.com"},
        {"url": "https://o.example.com?x=1"},
        {"timeout": timedelta(0)},
        {"timeout": timedelta(seconds=20)},
        {"reads_at_once": 0},
    ],
)
def test_a_connection_that_cannot_work_is_refused_at_once(changes: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"url": "https://o.example.com", "login": Bearer(token="t")} | changes
    with pytest.raises(ValueError, match=r"Orchestrator|Reads") as raised:
        Connection(**fields)
    assert "secret" not in str(raised.value)

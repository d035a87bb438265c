"""The SDK against a real server process, over every transport and codec."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from glideim.client import (
    Client,
    DeviceChanged,
    Disconnected,
    Event,
    EventStream,
    FileStore,
    Kicked,
    MemoryStore,
    Options,
    Read,
    RequestFailed,
    SendFailed,
    SignedOutError,
)
from glideim.protocol.records import Message
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "a good password"
WAYS = [(transport, codec) for transport in ("ws", "tcp") for codec in ("json", "protobuf")]
_names = itertools.count()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    async with ServerProcess(tmp_path_factory.mktemp("sdk") / "data") as running:
        yield running


def new_name() -> str:
    return f"sdk-{next(_names)}"


async def person(
    server: ServerProcess, way: tuple[str, str] = ("ws", "json"), *, device: int = 4
) -> Client:
    """A client of a new account, signed in."""
    transport, codec = way
    url = server.ws if transport == "ws" else server.tcp
    client = Client(url, options=Options(codec=codec, device=device))
    client.start()
    name = new_name()
    await client.register(name, PASSWORD)
    await client.login(name, PASSWORD)
    return client


async def take(client: Client, count: int) -> list[Message]:
    stream = client.messages(confirm="taken")
    async with asyncio.timeout(20):
        found = [await anext(stream) for _ in range(count)]
    stream.close()
    return found


async def hear(stream: EventStream, kind: type[Event]) -> Event:
    async with asyncio.timeout(20):
        async for event in stream:
            if isinstance(event, kind):
                return event
    raise AssertionError("the events ended")


@pytest.mark.parametrize("way", WAYS, ids="-".join)
async def test_two_people_talk(server: ServerProcess, way: tuple[str, str]) -> None:
    alice, bob = await person(server, way), await person(server, way)
    events = alice.events()
    submitted = [alice.submit(bob.uid, f"m{n} ü") for n in range(300)]
    sent = [await message.stored() for message in submitted]
    assert [s.seq for s in sent] == list(range(1, 301))
    received = await take(bob, 300)
    assert [(m.seq, m.mid, m.content) for m in received] == [
        (s.seq, s.mid, f"m{n} ü") for n, s in enumerate(sent)
    ]
    async with asyncio.timeout(20):
        await sent[-1].delivered()
    bob.mark_read(sent[0].conv, 300)
    read = await hear(events, Read)
    assert isinstance(read, Read)
    assert (read.uid, read.seq) == (bob.uid, 300)
    assert [m.seq for m in await alice.history(sent[0].conv, before=11, limit=5)] == [
        6,
        7,
        8,
        9,
        10,
    ]
    assert [m.seq for m in await alice.history(sent[0].conv, after=298)] == [299, 300]
    await alice.close()
    await bob.close()


async def test_both_at_once_is_one_order_for_both(server: ServerProcess) -> None:
    alice, bob = await person(server), await person(server, ("tcp", "protobuf"))
    ours = [(alice.submit(bob.uid, f"a{n}"), bob.submit(alice.uid, f"b{n}")) for n in range(200)]
    seqs = {
        "a": [(await a.stored()).seq for a, _ in ours],
        "b": [(await b.stored()).seq for _, b in ours],
    }
    assert seqs["a"] == sorted(seqs["a"])
    assert seqs["b"] == sorted(seqs["b"])
    assert sorted(seqs["a"] + seqs["b"]) == list(range(1, 401))
    assert [m.content for m in await take(bob, 200)] == [f"a{n}" for n in range(200)]
    assert [m.content for m in await take(alice, 200)] == [f"b{n}" for n in range(200)]
    await alice.close()
    await bob.close()


async def test_what_was_missed_is_there_and_the_sender_learns_of_it(server: ServerProcess) -> None:
    alice, bob = await person(server), await person(server)
    uid, account = bob.uid, (await bob.me()).account
    await bob.close()
    sent = [await alice.send(uid, f"m{n}") for n in range(5)]
    assert not sent[-1].is_delivered
    async with Client(server.ws, store=MemoryStore()) as bob:
        await bob.login(account, PASSWORD)
        assert [m.content for m in await take(bob, 5)] == [f"m{n}" for n in range(5)]
        async with asyncio.timeout(20):
            await sent[-1].delivered()
    await alice.close()


async def test_nothing_is_lost_or_repeated_through_kills_and_restarts(tmp_path: Path) -> None:
    """The server is killed while messages are under way, and both programs start anew each time."""
    async with ServerProcess(tmp_path / "data") as server:
        async with Client(server.ws, store=FileStore(tmp_path / "a.db")) as client:
            await client.register("alice", PASSWORD)
            await client.login("alice", PASSWORD)
        async with Client(server.tcp, store=FileStore(tmp_path / "b.db")) as client:
            await client.register("bob", PASSWORD)
            bob_uid = await client.login("bob", PASSWORD)
        seen: list[tuple[int, str | None]] = []
        said: list[str] = []
        for _ in range(3):
            async with (
                Client(server.ws, store=FileStore(tmp_path / "a.db")) as alice,
                Client(server.tcp, store=FileStore(tmp_path / "b.db")) as bob,
            ):
                await alice.connect()
                for _ in range(400):
                    said.append(f"m{len(said)}")
                    alice.submit(bob_uid, said[-1])
                seen += [(m.seq, m.content) for m in await take(bob, 50)]
                await server.kill()
                await server.start()
                seen += [(m.seq, m.content) for m in await take(bob, 100)]
        async with (
            Client(server.ws, store=FileStore(tmp_path / "a.db")) as alice,
            Client(server.tcp, store=FileStore(tmp_path / "b.db")) as bob,
        ):
            async with asyncio.timeout(30):
                await alice.drained()
            seen += [(m.seq, m.content) for m in await take(bob, len(said) - len(seen))]
        assert seen == list(enumerate(said, 1))


async def test_a_restart_with_drain_costs_one_reconnect(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        alice, bob = await person(server), await person(server, ("tcp", "protobuf"))
        sending = asyncio.ensure_future(_talk(alice, bob.uid, 200))
        assert len(await take(bob, 20)) == 20
        assert await server.terminate() == 0
        await server.start()
        async with asyncio.timeout(30):
            assert await sending == list(range(1, 201))
        assert [m.seq for m in await take(bob, 180)] == list(range(21, 201))
        await alice.close()
        await bob.close()


async def _talk(client: Client, to: int, count: int) -> list[int]:
    return [(await client.send(to, f"m{n}")).seq for n in range(count)]


async def test_a_newer_sign_in_takes_the_place_and_other_devices_are_told(
    server: ServerProcess,
) -> None:
    first = await person(server)
    account = (await first.me()).account
    events = first.events()
    async with Client(server.ws, options=Options(device=1)) as phone:
        await phone.login(account, PASSWORD)
        came = await hear(events, DeviceChanged)
        assert isinstance(came, DeviceChanged)
        assert (came.device, came.online) == (1, True)
        bob = await person(server)
        sent = await first.send(bob.uid, "from the desktop")
        (copy,) = await take(phone, 1)
        assert (copy.content, copy.cli_mid, copy.from_) == (
            "from the desktop",
            sent.cli_mid,
            first.uid,
        )
        await bob.close()
        async with Client(server.tcp, options=Options(device=4)) as second:
            await second.login(account, PASSWORD)
            await hear(events, Kicked)
            assert not first.is_connected
            assert phone.is_connected
    await first.close()


async def test_signing_out_ends_the_token(server: ServerProcess) -> None:
    client = await person(server)
    credentials = client._hub.store.credentials()
    assert credentials is not None
    await client.logout()
    with pytest.raises(SignedOutError):
        await client.me()
    with pytest.raises(SignedOutError):
        await client.login_with(credentials.token)
    await client.close()


async def test_a_refreshed_token_replaces_the_first(server: ServerProcess) -> None:
    client = await person(server)
    before = client._hub.store.credentials()
    after = await client._hub._refresh()
    assert before is not None
    assert after.token != before.token
    async with Client(server.ws, options=Options(device=2)) as other:
        assert await other.login_with(after.token) == client.uid
    await client.close()


async def test_refusals_say_why(server: ServerProcess) -> None:
    client = await person(server)
    with pytest.raises(RequestFailed) as taken:
        await client.register((await client.me()).account, PASSWORD)
    assert taken.value.code == "conflict"
    with pytest.raises(SendFailed) as unknown:
        await client.send(999_999_999, "hello?")
    assert (unknown.value.code, unknown.value.retryable) == ("not_found", False)
    sent = await client.send(client.uid, "a note", cli_mid="note-1")
    again = await client.send(client.uid, "a note", cli_mid="note-1")
    assert (again.mid, again.seq) == (sent.mid, sent.seq)
    with pytest.raises(SendFailed) as other:
        await client.send(client.uid, "another", cli_mid="note-1")
    assert other.value.code == "conflict"
    with pytest.raises(RequestFailed):
        await client.history("c:1:2")
    await client.close()


async def test_guests_and_profiles(server: ServerProcess) -> None:
    async with Client(server.tcp, options=Options(codec="protobuf")) as guest:
        uid = await guest.guest("Visitor")
        assert (await guest.me()).nickname == "Visitor"
        assert (await guest.update_me(nickname="Ä", avatar="https://example.org/a.png")).avatar
        assert [user.nickname for user in await guest.users([uid])] == ["Ä"]
        other = await person(server)
        account = (await other.me()).account
        assert [user.uid for user in await guest.search_users(account)] == [other.uid]
        await other.close()


async def test_under_rate_limits_everything_arrives_in_order(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data", GLIDEIM_LIMITS="on") as server:
        alice, bob = await person(server), await person(server)
        submitted = [alice.submit(bob.uid, f"m{n}") for n in range(330)]
        async with asyncio.timeout(30):
            seqs = [(await message.stored()).seq for message in submitted]
        assert sorted(seqs) == list(range(1, 331))
        await alice.close()
        await bob.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    extra = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([*command.split(), *extra], check=True, capture_output=True)
    return cert, key


async def test_over_tls_with_a_certificate_that_is_checked(
    certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    cert, key = certificate
    trusting = ssl.create_default_context(cafile=str(cert))
    options = {"GLIDEIM_TLS_CERT": str(cert), "GLIDEIM_TLS_KEY": str(key)}
    async with ServerProcess(tmp_path / "data", **options) as server:
        tls = f"tls://{server.ready['tcp']}"
        assert server.ws.startswith("wss://")
        async with Client(server.ws, tls=trusting) as alice, Client(tls, tls=trusting) as bob:
            await alice.guest()
            await bob.guest()
            await alice.send(bob.uid, "secret")
            assert [m.content for m in await take(bob, 1)] == ["secret"]
        for url in (server.ws, tls):
            async with Client(url) as distrusting:
                events = distrusting.events()
                task = asyncio.ensure_future(distrusting.guest())
                failed = await hear(events, Disconnected)
                assert isinstance(failed, Disconnected)
                assert "certificate" in failed.reason.lower()
                task.cancel()

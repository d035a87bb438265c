"""Configuration: sources in order, values checked, misspellings refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from glideim.config import Config, ConfigError, load, split_list


def test_defaults_are_loopback_and_the_documented_ports() -> None:
    config = load(environment={})
    assert (config.host, config.ws_port, config.tcp_port, config.http_port) == (
        "127.0.0.1",
        8080,
        8082,
        8081,
    )
    assert config == Config()


def test_later_sources_win(tmp_path: Path) -> None:
    file = tmp_path / "glideim.toml"
    file.write_text('ws_port = 1\ntcp_port = 1\nhttp_port = 1\nnode = "file"\n')
    environment = {"GLIDEIM_TCP_PORT": "2", "GLIDEIM_HTTP_PORT": "2", "OTHER": "x"}
    config = load(file, environment=environment, overrides={"http_port": 3, "host": None})
    assert (config.ws_port, config.tcp_port, config.http_port, config.node) == (1, 2, 3, "file")
    assert config.host == "127.0.0.1"


def test_the_switch_of_load_tests() -> None:
    assert load(environment={"GLIDEIM_LIMITS": "off"}).limits == "off"


def test_variables_of_the_client_are_not_options() -> None:
    assert load(environment={"GLIDEIM_PASSWORD": "x", "GLIDEIM_SERVER": "y"}) == Config()


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"GLIDEIM_WS_PROT": "1"}, "GLIDEIM_WS_PROT"),
        ({"GLIDEIM_WS_PORT": "http"}, "ws_port"),
        ({"GLIDEIM_WS_PORT": "70000"}, "ws_port"),
        ({"GLIDEIM_DURABILITY": "some"}, "durability"),
        ({"GLIDEIM_HEARTBEAT": "0"}, "heartbeat"),
        ({"GLIDEIM_NODE": "Not A Name"}, "node"),
        ({"GLIDEIM_TLS_CERT": "a.pem"}, "tls_key"),
    ],
)
def test_what_cannot_be_used_is_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load(environment=environment)


@pytest.mark.parametrize(
    "content",
    ["ws_port = ", "no_such_option = 1", "\xff", "queue = " + "9" * 5000, "data = " + "[" * 5000],
    ids=["cut", "unknown", "not text", "digits", "deep"],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "glideim.toml"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(ConfigError):
        load(file, environment={})


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"glideim\.toml"):
        load(tmp_path / "glideim.toml", environment={})


def test_lists_are_comma_separated() -> None:
    assert split_list(" a, b ,,") == ("a", "b")

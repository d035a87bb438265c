"""The configuration as the options of each part."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

from . import __version__
from .account.service import AccountOptions
from .config import Config, split_list
from .edge.blobs import ObjectBlobs, S3Options, local_blobs, memory_blobs, s3_blobs
from .edge.http.server import HttpOptions
from .edge.workers.beginning import Beginning
from .gateway.options import GatewayOptions
from .media.service import MediaOptions
from .media.types import TypeRules
from .messaging.limits import Limits
from .push.service import HookOptions


class StartError(Exception):
    """The server cannot start; the text says why and what to do."""


def media_options(config: Config) -> MediaOptions:
    """What files may be."""
    types = TypeRules(split_list(config.file_types_allowed), split_list(config.file_types_denied))
    return MediaOptions(file_bytes=config.file_bytes, quota=config.file_quota, types=types)


def blobs(config: Config) -> ObjectBlobs:
    """Where the bytes of files are."""
    if config.files == "local":
        # What keeps nothing keeps no files either.
        kept = config.store != "memory"
        return local_blobs(Path(config.data) / "files") if kept else memory_blobs()
    return s3_blobs(
        S3Options(
            config.s3_bucket,
            config.s3_endpoint,
            config.s3_region,
            config.s3_key_id,
            config.s3_secret,
        )
    )


def messaging_limits(config: Config) -> Limits:
    """How much of messaging may wait and be committed at once."""
    limits = Limits()
    limits.queue, limits.batch = config.queue, config.batch
    limits.conversations = limits.groups = config.remembered
    limits.members = 10 * config.remembered
    limits.recent = min(limits.recent, config.remembered)
    return limits


def account_options(config: Config) -> AccountOptions:
    """How long sessions last, and how many are remembered."""
    return AccountOptions(
        session_days=config.session_days,
        tokens_cached=config.remembered,
        people_cached=2 * config.remembered,
    )


def hook_options(config: Config) -> HookOptions:
    """Where other servers are told what happens."""
    return HookOptions(
        url=config.webhook_url,
        secret=config.webhook_secret,
        events=frozenset(split_list(config.webhook_events)),
        timeout=config.webhook_timeout,
        refuse=config.webhook_on_failure == "refuse",
    )


def gateway_options(config: Config, codecs: tuple[str, ...]) -> GatewayOptions:
    """How connections are looked after."""
    return GatewayOptions(
        node=config.node,
        server=f"glideim/{__version__}",
        codecs=codecs,
        max_frame=config.max_frame,
        devices=config.devices,
        heartbeat=config.heartbeat,
        heartbeat_misses=config.heartbeat_misses,
        auth_timeout=config.auth_timeout,
        max_connections=config.max_connections,
        outbox_bytes=config.outbox_bytes,
        blocked_timeout=config.blocked_timeout,
    )


def beginning(config: Config, bound: Mapping[str, str], public: frozenset[str]) -> Beginning:
    """What workers are told; `bound` has an address for each transport."""
    return Beginning(
        gateway=gateway_options(config, ()),
        host=config.host,
        ports={name: int(address.rpartition(":")[2]) for name, address in bound.items()},
        origins=split_list(config.origins),
        tls_cert=config.tls_cert,
        tls_key=config.tls_key,
        limits=config.limits == "on",
        public=public,
    )


def http_options(config: Config) -> HttpOptions:
    """Where HTTP is listened to."""
    return HttpOptions(
        host=config.host,
        port=config.http_port,
        tls_cert=config.tls_cert,
        tls_key=config.tls_key,
        origins=split_list(config.origins),
    )


def tls(config: Config) -> ssl.SSLContext | None:
    """Certificate and key, if there are any. Raises StartError."""
    if not config.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(config.tls_cert, config.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise StartError(
            f"TLS: cannot use {config.tls_cert} with {config.tls_key}: {error}"
        ) from None
    return context

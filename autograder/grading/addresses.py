"""The addresses of Dask schedulers and workers: which of them are safe to talk to."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from autograder.errors import CourseError, sentence

LOCAL, MOST_LOCAL = "local:", 256


def local_count(address: str) -> int | None:
    """N of `local:N`, None for another address."""
    if not address.startswith(LOCAL):
        return None
    count = address.removeprefix(LOCAL)
    if not (count.isascii() and count.isdigit() and 1 <= int(count) <= MOST_LOCAL):
        raise CourseError(f"{address} names no cluster: write local:2 for two worker processes, 256 at most.")
    return int(count)


def must_be_safe(address: str) -> None:
    """Raises CourseError for what is no address, what everybody can read and write, and TLS without keys."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:
        good = False
    if not good:
        raise CourseError(
            f"{address} is no address of a Dask scheduler: write tls://host:8786, tcp://host:8786 or local:N."
        )
    if problem := exposed(address):
        raise CourseError(f"{address} is refused: {problem}")
    if address.startswith("tls:"):
        _must_have_keys(address)


def _must_have_keys(address: str) -> None:
    from distributed import Security

    try:
        if Security().get_connection_args("client").get("ssl_context") is not None:
            return
        said = "Dask knows of none"
    except OSError as error:  # of ssl's too
        said = sentence(error).rstrip(".")
    raise CourseError(
        f"{address} needs a certificate ({said}). Name it in Dask's own settings, "
        "~/.config/dask/distributed.yaml: distributed.comm.tls.ca-file, client.cert and client.key."
    )


def exposed(address: str) -> str:
    """Why an address is open to everybody, empty when it is encrypted or nobody's outside."""
    parts = urlsplit(address)
    if parts.scheme == "tls":
        return ""
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except OSError as error:
        return f"{parts.hostname} is not known here: {error.strerror or error}."
    public = [
        place for *_, (place, *_) in found if ipaddress.ip_address(str(place).partition("%")[0]).is_global
    ]
    if not public:
        return ""
    return (
        f"{public[0]} is a public address, and it is not encrypted. Use TLS (tls://), or a private network."
    )

"""The addresses of Dask schedulers and workers: which of them are safe to talk to."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from autograder.errors import CourseError, sentence
from autograder.problem_sets.notebooks import as_label

LOCAL, MOST_LOCAL = "local:", 256
MAX_SHOWN = 80  # characters of an address in a sentence


def local_count(address: str) -> int | None:
    """N of `local:N`, None for another address."""
    if not address.startswith(LOCAL):
        return None
    count = address.removeprefix(LOCAL)
    digits = count.isascii() and count.isdigit() and len(count) <= len(str(MOST_LOCAL))
    if not (digits and 1 <= int(count) <= MOST_LOCAL):
        raise CourseError(
            f"{_shown(address)} names no cluster: write local:2 for two worker processes, 256 at most."
        )
    return int(count)


def must_be_safe(address: str) -> None:
    """Raises CourseError for what is no address, what everybody can read and write, and TLS without keys."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port and address.isprintable()
        (parts.hostname or "").encode("idna")  # as a resolver is asked for it
    except ValueError:  # of codecs too
        good = False
    if not good:
        raise CourseError(
            f"{_shown(address)} is no address of a Dask scheduler: "
            "write tls://host:8786, tcp://host:8786 or local:N."
        )
    if problem := exposed(address):
        raise CourseError(f"{_shown(address)} is refused: {problem}")
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
        f"{_shown(address)} needs a certificate ({said}). Name it in Dask's own settings, "
        "~/.config/dask/distributed.yaml: distributed.comm.tls.ca-file, client.cert and client.key."
    )


def exposed(address: str) -> str:
    """Why an address is open to everybody, empty when it is encrypted or nobody's outside."""
    try:
        parts = urlsplit(address)
        if parts.scheme == "tls":
            return ""
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except OSError as error:
        return f"{_shown(parts.hostname or '')} is not known here: {error.strerror or error}."
    except ValueError:  # of codecs too
        return "it is no address."
    public = [place for *_, (place, *_) in found if not _is_private(str(place).partition("%")[0])]
    if not public:
        return ""
    return (
        f"{public[0]} is not an address of a private network, and it is not encrypted. "
        "Use TLS (tls://), or a private network."
    )


def _is_private(place: str) -> bool:
    """Not so is what a provider's customers share, 100.64.0.0/10, though no router hands it on."""
    ip = ipaddress.ip_address(place)
    return (getattr(ip, "ipv4_mapped", None) or ip).is_private


def _shown(address: str) -> str:
    label = as_label(address)
    return label if len(label) <= MAX_SHOWN else f"{label[:MAX_SHOWN]}…"

"""Local ports: finding free ones and asking whether something answers there."""

from __future__ import annotations

import socket
from http.client import HTTPConnection, HTTPException


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on at this moment; another process may still take it first."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def answers_http(port: int, path: str, host: str = "127.0.0.1") -> bool:
    """Whether a server there answers a GET with anything below 500 within a second."""
    connection = HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()

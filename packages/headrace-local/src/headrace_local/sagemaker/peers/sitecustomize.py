# noqa: INP001 - a folder of a search path, not of a package: Python looks for a module of this name
"""Gives `algo-1`, `algo-2` and so on an address, in the processes of a job that has several instances.

On AWS these names are in each container's /etc/hosts; here all instances meet on the loopback, and no file of the
machine can say so without root. Python imports this module first of all; it reaches what resolves names through
Python's socket module. What resolves a name in C (XGBoost's tracker, MPI) is to be given an address, which
`socket.gethostbyname("algo-1")` returns here and on AWS alike.
"""

import importlib.machinery
import importlib.util
import re
import socket
import sys
from collections.abc import Callable
from itertools import dropwhile
from pathlib import Path
from typing import Any

_LOOPBACK = "127.0.0.1"
_PEER = re.compile(r"algo-\d+")


def _address(host: Any) -> Any:  # noqa: ANN401 - a name or an address, as text, as bytes, or None
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return _LOOPBACK if isinstance(name, str) and _PEER.fullmatch(name) else host


def _resolving(function: Callable[..., Any]) -> Callable[..., Any]:
    def resolve(host: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the function has them
        return function(_address(host), *arguments, **named)

    return resolve


def _reaching(method: Callable[..., Any]) -> Callable[..., Any]:
    def reach(endpoint: socket.socket, address: Any) -> Any:  # noqa: ANN401 - of any family
        if isinstance(address, tuple) and address:
            address = (_address(address[0]), *address[1:])
        return method(endpoint, address)

    return reach


for _name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
    setattr(socket, _name, _resolving(getattr(socket, _name)))
for _name in ("connect", "connect_ex", "bind"):
    setattr(socket.socket, _name, _reaching(getattr(socket.socket, _name)))

# Python imports one module of this name: the one that it would have imported without us comes second.
_here = Path(__file__).parent.resolve()
_behind = list(dropwhile(lambda entry: Path(entry).resolve() != _here, sys.path))[1:]
_next = importlib.machinery.PathFinder.find_spec("sitecustomize", _behind)
if _next is not None and _next.loader is not None:
    _next.loader.exec_module(importlib.util.module_from_spec(_next))

"""How the objects in moto's backends that have no pickle of their own are saved."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.ssm.models import ParameterDict
from moto.stepfunctions.parser.backend.execution import Execution

from headrace_local.stepfunctions.record import savable

Find = Callable[[str], Any]
Reduced = tuple[Callable[..., Any], tuple[Any, ...]]


def reducers(find: Find) -> dict[type, Callable[[Any], Any]]:
    """Return a reducer per type. `find` gives moto's backends of a service, in this process and in the next."""
    return {
        # A lock is saved as a new one, open: nothing runs any more when the state is saved.
        type(threading.Lock()): lambda _: (threading.Lock, ()),
        type(threading.RLock()): lambda _: (threading.RLock, ()),
        _rsa_type(): lambda key: (_rsa_key, (_rsa_bytes(key),)),
        # These are the places that the state is put back into, not part of it.
        BackendDict: lambda place: (find, (place.service_name,)),
        AccountSpecificBackend: lambda place: (
            partial(_account, find),
            (place.service_name, place.account_id),
        ),
        Execution: _execution,
        ParameterDict: _parameters,
    }


def _account(find: Find, service: str, account: str) -> Any:  # noqa: ANN401 - moto has no types
    return find(service)[account]


def _execution(execution: Execution) -> Any:  # noqa: ANN401 - what pickle wants
    return object.__new__, (Execution,), savable(execution)


def _parameters(parameters: Any) -> Any:  # noqa: ANN401 - what pickle wants
    # A defaultdict is made anew with its factory alone; this one wants to know where it is.
    made_with = (parameters.account_id, parameters.region_name)
    return ParameterDict, made_with, parameters.__dict__, None, iter(list(parameters.items()))


def _rsa_type() -> type:
    # The class of such keys has no public name; making one is how to get at it.
    return type(generate_private_key(public_exponent=65537, key_size=2048))


def _rsa_bytes(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _rsa_key(content: bytes) -> Any:  # noqa: ANN401 - one of several classes
    return load_der_private_key(content, None)

"""The server process: moto on the loopback, with our own parts in it.

`python -m headrace_local serve` runs it in the foreground; `headrace_local.lifecycle` starts it in the background.
"""

import logging
import os
import signal
import threading
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import FrameType

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server

from headrace_local import (
    cloudformation,
    conditional_writes,
    ecr,
    events,
    object_keys,
    record,
    sagemaker,
    state,
    stepfunctions,
    unimplemented,
)
from headrace_local.account import set_default_account
from headrace_local.autosave import save, save_in_the_background, saving
from headrace_local.code_fingerprint import fingerprint
from headrace_local.context import Context, enter
from headrace_local.iam import simulation, web_identity
from headrace_local.iam.enforcement import enforced
from headrace_local.json_bodies import checked
from headrace_local.record import IamMode
from headrace_local.request_guard import Application, guarded
from headrace_local.settings import Settings, load

HOST = "127.0.0.1"
_LOOK_SECONDS = 2.0
PARTS = (
    stepfunctions,
    sagemaker,
    cloudformation,
    events,
    ecr,
    conditional_writes,
    object_keys,
    simulation,
    web_identity,
    unimplemented,
)

logger = logging.getLogger("headrace_local")


def serve(home: Path, port: int = 0, iam: IamMode = "off") -> None:
    """Serve on the loopback until SIGTERM or SIGINT, then end what still runs and save the state.

    `port` 0 takes a free one; `iam` "enforce" subjects every role to its policies. `server.json` in `home` exists
    exactly while requests are answered. A server whose folder is removed ends, and saves nothing.

    Raises `LocalAwsError` when another server has this home, or when the saved state cannot be read.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    with record.claimed(home) as claim:
        settings = load(home)
        server = _bound_server(settings, port, iam)
        os.environ["MOTO_PORT"] = str(server.port)  # moto's own clients read it (moto/settings.py:120)
        folder = home.resolve()
        context = Context(folder, server.port, settings, iam == "enforce", partial(claim.has_folder, folder))
        server.app = guarded(saving(server.app, context))
        enter(context)
        for part in PARTS:
            part.install()
        state.load(home)
        for repair in context.on_load:
            repair()
        save_in_the_background(context)
        _end_on_signals(server, context)
        threading.Thread(target=_end_when_lost, args=(claim,), name="claim", daemon=True).start()
        logger.info("ready on %s, account %s", context.endpoint, context.account)
        record.write(home, _record(context))
        server.serve_forever()
        save(context)
        logger.info("ended")


def _record(context: Context) -> record.Record:
    iam: IamMode = "enforce" if context.is_iam_enforced else "off"
    return record.Record(context.port, os.getpid(), fingerprint(), iam, asdict(context.settings))


def _bound_server(settings: Settings, port: int, iam: IamMode) -> BaseWSGIServer:
    """Return moto's application on a threaded server; its port is bound, and nothing is answered yet."""
    set_default_account(settings.account)
    # One line a request, or a client, would bury what matters in the log.
    for chatty in ("werkzeug", "botocore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    application: Application = checked(DomainDispatcherApplication(create_backend_app))
    if iam == "enforce":
        application = enforced(application)
    server = make_server(HOST, port, application, threaded=True, request_handler=MotoRequestHandler)
    server.daemon_threads = True  # type: ignore[attr-defined] # a request that hangs must not keep us alive
    return server


def _end_on_signals(server: BaseWSGIServer, context: Context) -> None:
    ending = threading.Lock()

    def end() -> None:
        logger.info("ending")
        for end_part in context.on_stop:
            try:
                end_part()
            except Exception:
                logger.exception("could not end a part; the state is saved all the same")
        server.shutdown()

    def end_once(_signal: int, _frame: FrameType | None) -> None:
        # In a thread, while requests are still answered: what runs is ended through the API, and shutdown()
        # waits for serve_forever(), which this handler interrupts.
        if ending.acquire(blocking=False):
            threading.Thread(target=end, name="end").start()

    signal.signal(signal.SIGTERM, end_once)
    signal.signal(signal.SIGINT, end_once)


def _end_when_lost(claim: record.Claim) -> None:
    """End this process once the folder that it serves was removed, as with the clone that it is of."""
    while not claim.is_lost():
        time.sleep(_LOOK_SECONDS)
    logger.warning("the folder of this server was removed")
    os.kill(os.getpid(), signal.SIGTERM)

"""The server process: moto on the loopback, with our own parts in it.

`python -m infra.local serve` runs it in the foreground; `infra.local.lifecycle` starts it in the background.
"""

import importlib
import logging
import os
import signal
import threading
from pathlib import Path
from types import FrameType

from werkzeug.serving import BaseWSGIServer, make_server

from infra.local import record, state
from infra.local.account import set_default_account
from infra.local.context import Context, enter
from infra.local.door import guarded
from infra.local.record import IamMode
from infra.local.saving import save_in_the_background
from infra.local.source import fingerprint
from pipelines.environment import LOCAL, Environment
from pipelines.project import load_project

HOST = "127.0.0.1"
PARTS = (
    "infra.local.stepfunctions",
    "infra.local.sagemaker",
    "infra.local.cloudformation",
    "infra.local.events",
    "infra.local.ecr",
    "infra.local.conditional_writes",
    "infra.local.iam.simulation",
    "infra.local.iam.web_identity",
    "infra.local.unknown",
)

logger = logging.getLogger("infra.local")


def serve(home: Path, port: int = 0, iam: IamMode = "off") -> None:
    """Serve on the loopback until SIGTERM or SIGINT, then end what still runs and save the state.

    `port` 0 takes a free one; `iam` "enforce" subjects every role to its policies. `server.json` in `home` exists
    exactly while requests are answered.

    Raises `LocalAwsError` when another server has this home, or when the saved state cannot be read.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    with record.claimed(home):
        environment = load_project().environment(LOCAL)
        server = _bound_server(environment, port, iam)
        os.environ["MOTO_PORT"] = str(server.port)  # moto's own clients read it (moto/settings.py:120)
        context = Context(
            home.resolve(), server.port, environment.account, environment.region, iam == "enforce"
        )
        enter(context)
        for part in PARTS:
            importlib.import_module(part).install()
        state.load(home)
        for settle in context.settlers:
            settle()
        save_in_the_background(context)
        _end_on_signals(server, context)
        record.write(home, _record(context))
        logger.info("ready on %s, account %s", context.endpoint, context.account)
        server.serve_forever()
        state.save(home)
        logger.info("ended")


def _record(context: Context) -> record.Record:
    iam: IamMode = "enforce" if context.is_iam_enforced else "off"
    return record.Record(context.port, os.getpid(), context.account, context.region, fingerprint(), iam)


def _bound_server(environment: Environment, port: int, iam: IamMode) -> BaseWSGIServer:
    """Return moto's application on a threaded server; its port is bound, and nothing is answered yet."""
    set_default_account(environment.account)
    moto = importlib.import_module("moto.moto_server.werkzeug_app")
    # One line a request, or a client, would bury what matters in the log.
    for chatty in ("werkzeug", "botocore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    application = moto.DomainDispatcherApplication(moto.create_backend_app)
    if iam == "enforce":
        # Imported here: it imports moto, which must not happen before the account is set.
        application = importlib.import_module("infra.local.iam.enforcement").enforced(application)
    application = guarded(application)
    server = make_server(HOST, port, application, threaded=True, request_handler=moto.MotoRequestHandler)
    server.daemon_threads = True  # type: ignore[attr-defined] # a request that hangs must not keep us alive
    return server


def _end_on_signals(server: BaseWSGIServer, context: Context) -> None:
    ending = threading.Lock()

    def end() -> None:
        logger.info("ending")
        for end_part in context.enders:
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

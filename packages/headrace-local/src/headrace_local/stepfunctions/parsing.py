"""Definitions read by moto's parser: each one once, one at a time."""

import re
import threading
from decimal import Decimal
from functools import lru_cache
from typing import Any

from antlr4 import CommonTokenStream, InputStream
from antlr4.atn.PredictionMode import PredictionMode
from antlr4.error.Errors import ParseCancellationException
from antlr4.error.ErrorStrategy import BailErrorStrategy
from moto.stepfunctions.parser.asl.antlr.runtime.ASLLexer import ASLLexer
from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from headrace_local import strict_json
from headrace_local.patching import replace
from headrace_local.stepfunctions.states import all_states

_EXPONENT = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?[eE][+-]?\d+')  # or a text, which is left alone
_OF_DISTRIBUTED_MAPS = (
    "ItemBatcher",
    "Label",
    "ResultWriter",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
)
_KEPT = 64  # definitions

_lock = threading.Lock()
_stock_parse: Any = AmazonStateLanguageParser.parse


def install() -> None:
    """Correct how definitions are read."""
    read_one_definition_at_a_time()


def read_one_definition_at_a_time() -> None:
    """Read a definition in one thread at a time, and once for all of its executions.

    asl/parse/preprocessor.py:339 keeps where it is in a list that all threads share, so that two executions which
    start at the same time break each other; and each reads the definition anew, which takes longer than it runs.
    The syntax tree, which only moto's analysers of unused operations look at, is not kept.
    """
    replace(AmazonStateLanguageParser, "parse", staticmethod(_parse))


def _parse(definition: str) -> tuple[Any, None]:
    with _lock:
        return _program(definition), None


def readable(definition: str) -> str:
    """Return a definition as moto's grammar can read it.

    It knows no exponent with a leading zero (1e-05, asl/antlr/runtime/ASLLexer.py), and of a distributed Map neither
    ItemBatcher, nor a percentage that is a whole number, nor JSON lines: `distributed` reads those fields itself.
    """
    machine = strict_json.loads(definition)
    for _, state in all_states(machine, ""):
        if state.get("Type") == "Map":
            for key in _OF_DISTRIBUTED_MAPS:
                state.pop(key, None)
            state.get("ItemReader", {}).pop("ReaderConfig", None)
    # Without blanks, which the grammar's lexer reads one by one.
    return _EXPONENT.sub(_plain, strict_json.dumps(machine, ensure_ascii=False, separators=(",", ":")))


def _plain(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else format(Decimal(found[0]), "f")


@lru_cache(_KEPT)
def _program(definition: str) -> Any:
    text = readable(definition)
    try:
        return _quickly_read(text)
    except ParseCancellationException:
        return _stock_parse(text)[
            0
        ]  # takes longer, reads all that the grammar allows, and says what is wrong


def _quickly_read(definition: str) -> Any:
    """Read by SLL prediction, in half the time; what it reads, the full LL prediction reads alike.

    Source: The Definitive ANTLR 4 Reference, "Maximizing Parser Speed".
    """
    parser: Any = ASLParser(CommonTokenStream(ASLLexer(InputStream(definition))))
    parser._interp.predictionMode = PredictionMode.SLL
    parser._errHandler = BailErrorStrategy()
    return Preprocessor().visit(parser.state_machine())

"""The account that the local AWS stands for when a request names no other."""

import sys


def set_default_account(account: str) -> None:
    """Make `account` (12 digits) the default one of moto, in place of its fixed 123456789012.

    moto/core/models.py:45 holds the account as a constant that other modules copy when they are imported
    (moto/iam/models.py:75 answers with it for every access key that it has not made), so the copies that exist are
    replaced as well. `MOTO_ACCOUNT_ID` would not do: it overrules the account of an assumed role
    (moto/core/responses.py:350). To be called once moto.core.models is imported.
    """
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and hasattr(module, "DEFAULT_ACCOUNT_ID"):
            module.DEFAULT_ACCOUNT_ID = account  # type: ignore[attr-defined]

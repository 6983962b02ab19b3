"""The product's own processes, in which something nobody foresaw goes wrong once, with a record in its text.

`python -m tests.promises.p7_accidents worker …` is `celery -A tasks.app worker …`, `… listen` is the listener,
and `tests.promises.p7_accidents:create_app()` the receiver. An accident happens where its file of
`P7_ACCIDENTS` stands, which it takes away.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.promises.p7_canaries import ACCIDENTS


def happens(name: str) -> None:
    """Raise what a mistake of ours would: an error that quotes a record, caused by another that does."""
    flag = Path(os.environ["P7_ACCIDENTS"]) / name
    if not flag.exists():
        return
    flag.unlink()
    record = {"contact_name": ACCIDENTS[name], "refused": [ACCIDENTS[name]]}
    try:
        raise KeyError(f"no rule for {record}")
    except KeyError as error:
        raise RuntimeError(f"cannot work on {record}") from error


def before(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """The work, unless the accident happens first."""

    def run(*arguments: Any, **named: Any) -> Any:
        happens(name)
        return work(*arguments, **named)

    return run


def create_app() -> Any:
    """The receiver."""
    import webhooks.zoho
    from webhooks.app import create_app as create

    webhooks.zoho.accept = before("hook", webhooks.zoho.accept)
    return create()


def main(arguments: Sequence[str]) -> None:
    """The worker or the listener."""
    if arguments[0] == "listen":
        from integration.cli import main as program
        from integration.wiring import listener

        listener.take_role = before("listener", listener.take_role)
        sys.argv = ["zoho-salesforce", *arguments]
        program()
        return
    from celery.__main__ import main as celery

    from integration.flows import transform

    transform.transform = before("task", transform.transform)
    sys.argv = ["celery", "-A", "tasks.app", *arguments]
    celery()


if __name__ == "__main__":
    main(sys.argv[1:])

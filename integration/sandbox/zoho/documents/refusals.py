"""What documents refuse: HTTP status, code and message."""

from __future__ import annotations

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import ApiError


def locked(entity: str, status: str, switches: Switches) -> ApiError:
    """An order that is void, cancelled, closed or fully invoiced stays as it is."""
    return ApiError(400, switches.zoho_order_locked_code, f"{entity}s which are {status} cannot be edited.")


def below_progress(name: str, done: str, switches: Switches) -> ApiError:
    """A line that other documents go by is dropped, renewed or made too small; `done` is what they did."""
    return ApiError(
        400,
        switches.zoho_order_progress_code,
        f'The item "{name}" has been {done}. It can be neither removed nor reduced below that quantity.',
    )


def has_documents(entity: str, switches: Switches) -> ApiError:
    """Something was made from the document; it cannot go before that does."""
    return ApiError(
        400,
        switches.zoho_order_documents_code,
        f"The {entity} cannot be deleted as there are transactions associated with it.",
    )


def wrong_status(entity: str, status: str, wanted: str, switches: Switches) -> ApiError:
    """The document is not where this step begins."""
    return ApiError(400, switches.zoho_order_status_code, f"The {entity} is {status} and cannot be {wanted}.")


def no_approval(entity: str, switches: Switches) -> ApiError:
    """The organisation does not approve documents of this kind."""
    return ApiError(400, switches.zoho_no_approval_code, f"Approval is not enabled for {entity.lower()}s.")


def too_much(name: str, wanted: str, switches: Switches) -> ApiError:
    """More of a line than is left of it."""
    return ApiError(
        400,
        switches.zoho_more_than_left_code,
        f'The quantity of "{name}" is more than what is left to be {wanted}.',
    )

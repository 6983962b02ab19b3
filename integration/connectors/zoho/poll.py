"""Two listings of contacts: by time of modification, newest first, and all by time of creation.

Contacts have no documented modified-since filter, so a delta is read from the newest down to the watermark.
Pages are offsets: a record that changes meanwhile moves to the front and pushes others to the next page,
where they come twice; one deleted meanwhile pulls a record over the border unseen. Absence from a listing is
therefore a reason to read the record, never a proof that it is gone.
"""

from __future__ import annotations

from collections.abc import Mapping

from integration.canonical.event import NativeRecord
from integration.connectors.zoho.client import Reply
from integration.connectors.zoho.paging import PageToken
from integration.connectors.zoho.records import contact_records
from integration.ports import Page


def delta_params(token: PageToken, page_size: int) -> dict[str, str]:
    """Query of one page of the delta, newest first."""
    return {"sort_column": "last_modified_time", "sort_order": "D", **_paged(token, page_size)}


def listing_params(token: PageToken, page_size: int) -> dict[str, str]:
    """Query of one page of all contacts in the order they were made, inactive ones included."""
    return {"sort_column": "created_time", "sort_order": "A", **_paged(token, page_size)}


def page_of(reply: Reply, token: PageToken, most_pages: int) -> Page:
    """The page as summaries. Raises Retryable when the listing turns in circles."""
    records = [record for row in reply.rows("contacts") for record in contact_records(row)]
    context: Mapping[str, object] = reply.record("page_context")
    following = token.following([record.record_id for record in records], context, most_pages)
    return Page(tuple(records), following)


def cut(page: Page, since_ms: int) -> Page:
    """Of a descending page only what was modified since `since_ms`; the first older record ends the scan.

    Zoho's times are whole seconds: a record of the very second may be newer than `since_ms`.
    """
    floor = since_ms - since_ms % 1000
    recent: list[NativeRecord] = []
    for record in page.records:
        if record.at < floor:
            return Page(tuple(recent))
        recent.append(record)
    return page


def _paged(token: PageToken, page_size: int) -> dict[str, str]:
    return {"page": str(token.number), "per_page": str(page_size)}

"""/services/data/vXX.0/jobs/ingest and /jobs/query."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import AsyncIterator, Iterable

from aiohttp import BodyPartReader, web

from integration.sandbox.salesforce.api_errors import ApiError, bad_json, not_found
from integration.sandbox.salesforce.bulk.bulk_api import wrong_state
from integration.sandbox.salesforce.bulk.csv_rows import CsvWriter
from integration.sandbox.salesforce.bulk.jobs import (
    ABORTED,
    COMPLETE,
    ENDED,
    UPLOADED,
    IngestJob,
    Job,
    QueryJob,
)
from integration.sandbox.salesforce.bulk.loading import unprocessed
from integration.sandbox.salesforce.bulk.packed import PackedText
from integration.sandbox.salesforce.edge import CALLER, json_object
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.rest_routes import BASE, SLASH

_INGEST = f"{BASE}/jobs/ingest"
_QUERY = f"{BASE}/jobs/query"
_PIECE = 65_536


class BulkRoutes:
    """Jobs over HTTP. Every call counts as one API call."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org
        self._bulk = org.bulk

    def routes(self) -> list[web.RouteDef]:
        one, query = f"{_INGEST}/{{id}}", f"{_QUERY}/{{id}}"
        return [
            web.post(f"{_INGEST}{SLASH}", self.create),
            web.get(f"{_INGEST}{SLASH}", self.ingest_jobs),
            web.get(f"{one}{SLASH}", self.ingest_job),
            web.put(f"{one}/batches{SLASH}", self.upload),
            web.patch(f"{one}{SLASH}", self.change_ingest),
            web.delete(f"{one}{SLASH}", self.delete_ingest),
            web.get(f"{one}/{{results}}{SLASH}", self.ingest_results),
            web.post(f"{_QUERY}{SLASH}", self.create_query),
            web.get(f"{_QUERY}{SLASH}", self.query_jobs),
            web.get(f"{query}{SLASH}", self.query_job),
            web.patch(f"{query}{SLASH}", self.change_query),
            web.delete(f"{query}{SLASH}", self.delete_query),
            web.get(f"{query}/results{SLASH}", self.query_results),
        ]

    # -- ingest ---------------------------------------------------------------------------------

    async def create(self, request: web.Request) -> web.Response:
        if request.content_type.startswith("multipart/"):
            return await self._create_with_data(request)
        job = self._bulk.create_ingest(request[CALLER], await json_object(request))
        return web.json_response(job.shown())

    async def _create_with_data(self, request: web.Request) -> web.Response:
        parts = await self._parts(request)
        if "job" not in parts or "content" not in parts:
            raise bad_json("a multipart request has the parts job and content")
        try:
            body = json.loads(parts["job"])
        except ValueError as error:
            raise bad_json(f"Unexpected input at the part job: {error}") from None
        if not isinstance(body, dict):
            raise bad_json("Can not deserialize: expected START_OBJECT")
        data = PackedText()
        data.write(parts["content"])
        job = self._bulk.create_ingest(request[CALLER], body)
        self._bulk.receive(job, data)
        self._bulk.close(job)
        return web.json_response(job.shown())

    async def _parts(self, request: web.Request) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        try:
            async for part in await request.multipart():
                if not isinstance(part, BodyPartReader) or part.name is None:
                    continue
                found[part.name] = await self._small(part)
        except (ValueError, RuntimeError) as error:
            raise bad_json(f"the multipart request cannot be read: {error}") from None
        return found

    async def _small(self, part: BodyPartReader) -> bytes:
        most = self._org.options.switches.bulk_multipart_characters
        data = bytearray()
        while piece := await part.read_chunk(_PIECE):
            data += piece
            if len(data) > most:
                message = f"data of more than {most} characters is uploaded on its own"
                raise ApiError("REQUEST_TOO_LARGE", message, status=413)
        return bytes(data)

    async def upload(self, request: web.Request) -> web.Response:
        job = self._bulk.ingest_job(request.match_info["id"])
        self._bulk.check_upload(job)
        if request.content_type != "text/csv":
            message = (
                f"Content-Type header specified in HTTP request is not supported: {request.content_type}"
            )
            raise ApiError("UNSUPPORTED_MEDIA_TYPE", message, status=415)
        data = PackedText()
        async for piece in request.content.iter_chunked(_PIECE):
            data.write(piece)
            self._bulk.check_size(data.size)
        self._bulk.receive(job, data)
        return web.Response(status=201)

    async def ingest_jobs(self, request: web.Request) -> web.Response:
        return self._jobs(request, IngestJob, "ingest")

    async def ingest_job(self, request: web.Request) -> web.Response:
        job = self._bulk.ingest_job(request.match_info["id"])
        return web.json_response({**job.shown(), **job.counters()})

    async def change_ingest(self, request: web.Request) -> web.Response:
        job = self._bulk.ingest_job(request.match_info["id"])
        state = (await json_object(request)).get("state")
        if state == UPLOADED:
            self._bulk.close(job)
        elif state == ABORTED:
            self._bulk.abort(job)
        else:
            raise wrong_state(f"a Job can be set to {UPLOADED} or {ABORTED}, not to {state}")
        return web.json_response(job.shown())

    async def delete_ingest(self, request: web.Request) -> web.Response:
        self._bulk.delete(self._bulk.ingest_job(request.match_info["id"]))
        return web.Response(status=204)

    async def ingest_results(self, request: web.Request) -> web.Response:
        job = self._bulk.ingest_job(request.match_info["id"])
        kind = request.match_info["results"].lower()
        if kind not in {"successfulresults", "failedresults", "unprocessedrecords"}:
            raise not_found()
        if job.state not in ENDED:
            raise wrong_state(f"the Job has no results in state {job.state}")
        if kind == "unprocessedrecords":
            return _csv(unprocessed(job))
        first, text = (
            ("sf__Created", job.successful) if kind == "successfulresults" else ("sf__Error", job.failures)
        )
        writer = CsvWriter(job.column_delimiter, job.line_ending)
        header = writer.rows([["sf__Id", first, *job.columns]]).encode()
        return _csv(_after(header, text.read()))

    # -- queries --------------------------------------------------------------------------------

    async def create_query(self, request: web.Request) -> web.Response:
        job = self._bulk.create_query(request[CALLER], await json_object(request))
        return web.json_response(job.shown())

    async def query_jobs(self, request: web.Request) -> web.Response:
        return self._jobs(request, QueryJob, "query")

    async def query_job(self, request: web.Request) -> web.Response:
        job = self._bulk.query_job(request.match_info["id"])
        return web.json_response({**job.shown(), **job.counters()})

    async def change_query(self, request: web.Request) -> web.Response:
        job = self._bulk.query_job(request.match_info["id"])
        state = (await json_object(request)).get("state")
        if state != ABORTED:
            raise wrong_state(f"a query Job can be set to {ABORTED}, not to {state}")
        self._bulk.abort(job)
        return web.json_response(job.shown())

    async def delete_query(self, request: web.Request) -> web.Response:
        self._bulk.delete(self._bulk.query_job(request.match_info["id"]))
        return web.Response(status=204)

    async def query_results(self, request: web.Request) -> web.Response:
        job = self._bulk.query_job(request.match_info["id"])
        if job.state != COMPLETE:
            raise wrong_state(f"the Job has no results in state {job.state}")
        start = _start(request.query.get("locator"), job.rows.count)
        end = min(start + self._page_rows(request), job.rows.count)
        lines = ("".join(block).encode() for block in job.rows.lines(start, end))
        response = _csv(_after(job.header.encode(), lines))
        response.headers["Sforce-NumberOfRecords"] = str(end - start)
        response.headers["Sforce-Locator"] = _locator(end) if end < job.rows.count else "null"
        return response

    def _page_rows(self, request: web.Request) -> int:
        text = request.query.get("maxRecords")
        if text is None:
            return max(1, self._org.options.switches.bulk_query_page_rows)
        if not (text.isascii() and text.isdigit() and int(text) > 0):
            raise ApiError("INVALID_INPUT", f"maxRecords is a whole number above zero, not {text}")
        return int(text)

    def _jobs(self, request: web.Request, kind: type[Job], path: str) -> web.Response:
        asked = request.query.get("jobType")
        own = {IngestJob: "V2Ingest", QueryJob: "V2Query"}
        if asked not in {None, "", own[kind]}:
            return web.json_response({"done": True, "nextRecordsUrl": None, "records": []})
        jobs, more = self._bulk.listed(kind, request.query.get("queryLocator"))
        url = f"/services/data/v{request[CALLER].version}/jobs/{path}?queryLocator={more}" if more else None
        records = [job.shown() for job in jobs]
        return web.json_response({"done": more is None, "nextRecordsUrl": url, "records": records})


def _csv(pieces: Iterable[bytes]) -> web.Response:
    return web.Response(body=_flowing(pieces), content_type="text/csv", charset="utf-8")


async def _flowing(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def _after(first: bytes, rest: Iterable[bytes]) -> Iterable[bytes]:
    yield first
    yield from rest


def _locator(row: int) -> str:
    return base64.urlsafe_b64encode(str(row).encode()).decode().rstrip("=")


def _start(locator: str | None, count: int) -> int:
    if not locator:
        return 0
    try:
        text = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    if not text.isdigit() or int(text) >= count:
        raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return int(text)

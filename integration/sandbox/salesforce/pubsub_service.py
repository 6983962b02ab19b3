"""The event bus over gRPC: topics, schemas, subscriptions with demand, publishing of platform events."""

from __future__ import annotations

import io
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, NoReturn
from urllib.parse import urlsplit

import grpc
import grpc.aio
from fastavro import schemaless_reader

from integration.sandbox.call_log import CallLog
from integration.sandbox.faults import Fault, Faults
from integration.sandbox.salesforce import ids
from integration.sandbox.salesforce import pubsub_api_pb2 as pb
from integration.sandbox.salesforce import pubsub_api_pb2_grpc as pb_grpc
from integration.sandbox.salesforce.event_log import NewEvent
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.pubsub_errors import BusError, new_rpc_id
from integration.sandbox.salesforce.pubsub_faults import after_the_call, before_the_call
from integration.sandbox.salesforce.subscription import Subscription, encode_position
from integration.sandbox.salesforce.topics import Topics

_PATH = "/eventbus.v1.PubSub/"
_LARGEST_EVENT = 1_000_000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class PubSubService(pb_grpc.PubSubServicer):
    """Serves one org. Failures leave as status plus `error-code` trailer."""

    def __init__(self, org: SalesforceOrg, faults: Faults, call_log: CallLog) -> None:
        self._org = org
        self._faults = faults
        self._calls = call_log
        self._topics = Topics(org)

    # The method names are the contract's.

    async def GetTopic(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await self._unary("GetTopic", context, lambda rpc_id: self._get_topic(request, rpc_id))

    async def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await self._unary("GetSchema", context, lambda rpc_id: self._get_schema(request, rpc_id))

    async def Publish(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await self._unary("Publish", context, lambda rpc_id: self._publish(request, rpc_id))

    async def Subscribe(  # noqa: N802
        self, requests: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[Any]:
        started, rpc_id, status = time.monotonic(), new_rpc_id(), grpc.StatusCode.OK
        subscription = None
        try:
            fault = self._fault("Subscribe")
            await before_the_call(fault, self._org)
            token = self._authorise(context)
            subscription = Subscription(self._org, self._topics, requests, token, rpc_id)
            async with aclosing(subscription.responses()) as responses:
                async for response in responses:
                    yield response
                    await after_the_call(fault)
                    fault = None
        except BusError as error:
            status = error.status
            await _abort(context, error, rpc_id)
        finally:
            if subscription is not None:
                await subscription.close()
            self._log("Subscribe", status, started)

    # -- unary calls ----------------------------------------------------------------------------

    async def _unary(self, method: str, context: Any, answer: Callable[[str], Any]) -> Any:
        started, rpc_id, status = time.monotonic(), new_rpc_id(), grpc.StatusCode.OK
        try:
            fault = self._fault(method)
            await before_the_call(fault, self._org)
            self._authorise(context)
            found = answer(rpc_id)
            await after_the_call(fault)
        except BusError as error:
            status = error.status
            await _abort(context, error, rpc_id)
        finally:
            self._log(method, status, started)
        return found

    def _get_topic(self, request: Any, rpc_id: str) -> Any:
        topic = self._topics.find(request.topic_name)
        return pb.TopicInfo(
            topic_name=topic.name,
            tenant_guid=f"core/sandbox/{self._org.org_id}",
            can_publish=topic.can_publish,
            can_subscribe=True,
            schema_id=topic.schema_id,
            rpc_id=rpc_id,
        )

    def _get_schema(self, request: Any, rpc_id: str) -> Any:
        text = self._org.schemas.text(request.schema_id)
        if text is None:
            raise BusError("schema.validation.failed", "The schema ID is blank or unknown.")
        return pb.SchemaInfo(schema_json=text, schema_id=request.schema_id, rpc_id=rpc_id)

    def _publish(self, request: Any, rpc_id: str) -> Any:
        topic = self._topics.find(request.topic_name)
        if not topic.can_publish:
            raise BusError("topic.not.found", "Only platform events can be published.")
        if not request.events:
            raise BusError("publish.event.count.invalid", "A publish request needs at least one event.")
        results = [self._publish_one(topic.schema_id, topic.source, event) for event in request.events]
        return pb.PublishResponse(results=results, schema_id=topic.schema_id, rpc_id=rpc_id)

    def _publish_one(self, schema_id: str, source: str, event: Any) -> Any:
        problem = ""
        if event.schema_id != schema_id:
            problem = "the schema id is not the topic's"
        elif len(event.payload) > _LARGEST_EVENT:
            problem = "the event is larger than 1 MB"
        else:
            try:
                schemaless_reader(io.BytesIO(event.payload), self._org.schemas.parsed(schema_id), None)
            except (EOFError, ValueError, IndexError, UnicodeDecodeError):
                problem = "the payload does not fit the schema"
        if problem:
            error = pb.Error(code=pb.PUBLISH, msg=problem)
            return pb.PublishResult(error=error, correlation_key=event.id)
        logged = self._org.log.append(NewEvent(source, str(uuid.uuid4()), schema_id, event.payload, {}))
        return pb.PublishResult(replay_id=encode_position(logged.position), correlation_key=event.id)

    # -- around every call ----------------------------------------------------------------------

    def _authorise(self, context: Any) -> str:
        """The caller's token. Raises BusError for a bad header or a dead session."""
        metadata = dict(context.invocation_metadata() or ())
        token, url, tenant = (
            str(metadata.get(name, "")).strip() for name in ("accesstoken", "instanceurl", "tenantid")
        )
        parts = urlsplit(url)
        if not token or not tenant or parts.scheme not in {"http", "https"} or not parts.hostname:
            raise BusError(
                "service.auth.headers.invalid",
                "accesstoken, instanceurl and tenantid must be given with every call.",
            )
        if ids.to_long(tenant) != self._org.org_id or not self._same_instance(parts.hostname, parts.port):
            raise BusError("service.auth.error", "The tenant or the instance is not the session's.")
        if self._org.sessions.peek(token) is None:
            raise BusError("service.auth.error", "Authentication failed: the session is invalid or expired.")
        self._org.sessions.use(token)
        return token

    def _same_instance(self, host: str, port: int | None) -> bool:
        own = urlsplit(self._org.sessions.instance_url)
        if own.hostname is None:
            return True
        same_host = host == own.hostname or {host, own.hostname} <= _LOOPBACK
        return same_host and port == own.port

    def _fault(self, method: str) -> Fault | None:
        return self._faults.take("salesforce", "POST", _PATH + method)

    def _log(self, method: str, status: grpc.StatusCode, started: float) -> None:
        self._calls.add(
            system="salesforce",
            method="GRPC",
            path=_PATH + method,
            query="",
            status=200 if status is grpc.StatusCode.OK else 500,
            code=None if status is grpc.StatusCode.OK else status.name,
            ms=(time.monotonic() - started) * 1000,
        )


async def _abort(context: Any, error: BusError, rpc_id: str) -> NoReturn:
    await context.abort(error.status, error.text(rpc_id), error.trailers(rpc_id))
    raise AssertionError("abort always raises")

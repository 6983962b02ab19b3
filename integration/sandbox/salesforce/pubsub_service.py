"""The event bus over gRPC: topics, schemas, subscriptions with demand, publishing of platform events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, NoReturn, Protocol
from urllib.parse import urlsplit

import grpc
import grpc.aio

from integration.sandbox.call_log import CallLog
from integration.sandbox.faults import Fault, Faults
from integration.sandbox.salesforce import ids
from integration.sandbox.salesforce import pubsub_api_pb2 as pb
from integration.sandbox.salesforce import pubsub_api_pb2_grpc as pb_grpc
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.publishing import PublishCall, Publisher
from integration.sandbox.salesforce.pubsub_errors import BusError, Trailers, new_rpc_id
from integration.sandbox.salesforce.pubsub_faults import after_the_call, before_the_call
from integration.sandbox.salesforce.subscription import Subscription
from integration.sandbox.salesforce.topics import Topics

_PATH = "/eventbus.v1.PubSub/"
_FIRST_REQUEST_SECONDS = 1.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class StreamCall(Protocol):
    """What a streaming method does; `close` comes once, however it ends."""

    def responses(self) -> AsyncGenerator[Any, None]: ...

    async def close(self) -> None: ...


class PubSubService(pb_grpc.PubSubServicer):
    """Serves one org. Failures leave as status plus `error-code` trailer."""

    def __init__(self, org: SalesforceOrg, faults: Faults, call_log: CallLog) -> None:
        self._org = org
        self._faults = faults
        self._calls = call_log
        self._topics = Topics(org)
        self._publisher = Publisher(org, self._topics)
        self._trailers = Trailers(org.options.switches)

    # The method names are the contract's.

    async def GetTopic(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await self._unary("GetTopic", context, lambda rpc_id: self._get_topic(request, rpc_id))

    async def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await self._unary("GetSchema", context, lambda rpc_id: self._get_schema(request, rpc_id))

    async def Publish(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await self._unary("Publish", context, lambda rpc_id: self._publisher.publish(request, rpc_id))

    async def Subscribe(  # noqa: N802
        self, requests: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[Any]:
        def begin(token: str, rpc_id: str) -> Subscription:
            return Subscription(self._org, self._topics, requests, token, rpc_id)

        async with aclosing(self._streamed("Subscribe", context, requests, begin)) as responses:
            async for response in responses:
                yield response

    async def PublishStream(  # noqa: N802
        self, requests: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[Any]:
        def begin(_token: str, rpc_id: str) -> PublishCall:
            return PublishCall(self._org, self._publisher.stream(requests, rpc_id))

        async with aclosing(self._streamed("PublishStream", context, requests, begin)) as responses:
            async for response in responses:
                yield response

    async def ManagedSubscribe(  # noqa: N802
        self, requests: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[Any]:
        def begin(_token: str, _rpc_id: str) -> NoReturn:
            message = "Managed subscriptions are in beta and this org has none; use Subscribe."
            raise BusError("", message, grpc.StatusCode.UNIMPLEMENTED)

        async with aclosing(self._streamed("ManagedSubscribe", context, requests, begin)) as responses:
            async for response in responses:
                yield response

    async def _streamed(
        self,
        method: str,
        context: Any,
        requests: AsyncIterator[Any],
        begin: Callable[[str, str], StreamCall],
    ) -> AsyncGenerator[Any, None]:
        started, rpc_id, status = time.monotonic(), new_rpc_id(), grpc.StatusCode.OK
        call: StreamCall | None = None
        try:
            fault = self._fault(method)
            await before_the_call(fault, self._org)
            token = self._authorise(context)
            self._refuse(method)
            call = begin(token, rpc_id)
            async with aclosing(call.responses()) as responses:
                async for response in responses:
                    yield response
                    await after_the_call(fault)
                    fault = None
        except BusError as error:
            if call is None:
                await _heard(requests)
            status = self._trailers.status(error)
            await self._trailers.abort(context, error, rpc_id)
        finally:
            if call is not None:
                await call.close()
            self._log(method, status, started)

    # -- unary calls ----------------------------------------------------------------------------

    async def _unary(self, method: str, context: Any, answer: Callable[[str], Any]) -> Any:
        started, rpc_id, status = time.monotonic(), new_rpc_id(), grpc.StatusCode.OK
        try:
            fault = self._fault(method)
            await before_the_call(fault, self._org)
            self._authorise(context)
            self._refuse(method)
            found = answer(rpc_id)
            await after_the_call(fault)
        except BusError as error:
            status = self._trailers.status(error)
            await self._trailers.abort(context, error, rpc_id)
        finally:
            self._log(method, status, started)
        return found

    def _get_topic(self, request: Any, rpc_id: str) -> Any:
        topic = self._topics.find(request.topic_name)
        return pb.TopicInfo(
            topic_name=topic.name,
            tenant_guid=f"core/sandbox/{self._org.org_id}",
            can_publish=topic.can_publish,
            can_subscribe=topic.can_subscribe,
            schema_id=topic.schema_id,
            rpc_id=rpc_id,
        )

    def _get_schema(self, request: Any, rpc_id: str) -> Any:
        text = self._org.schemas.text(request.schema_id)
        if text is None:
            raise BusError("schema.validation.failed")
        return pb.SchemaInfo(schema_json=text, schema_id=request.schema_id, rpc_id=rpc_id)

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
            raise BusError("service.auth.error")
        self._org.sessions.use(token)
        return token

    def _refuse(self, method: str) -> None:
        suffix = self._org.refusals.take(method)
        if suffix is not None:
            raise BusError(suffix)

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


async def _heard(requests: AsyncIterator[Any]) -> None:
    """Until the first request is here: a client that is still writing it would never see the refusal."""
    try:
        async with asyncio.timeout(_FIRST_REQUEST_SECONDS):
            await anext(requests, None)
    except TimeoutError:
        return

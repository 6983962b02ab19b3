"""Facts about Salesforce that could not be verified, and settings of an org: switches with defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def _switch(default: Any, doc: str, *choices: str) -> Any:
    return field(default=default, metadata={"doc": doc, "choices": choices})


@dataclass(frozen=True)
class SalesforceSwitches:
    """One field per fact or setting; the metadata key `doc` says what it decides."""

    audit_times_in_milliseconds: bool = _switch(
        False, "CreatedDate, LastModifiedDate and SystemModstamp carry milliseconds (else whole seconds)"
    )
    access_token_org_id_length: int = _switch(
        15, "characters of the org id before '!' in an access token; 0: a token without either"
    )
    api_instance_url: bool = _switch(False, "token answers carry `api_instance_url`, as newer orgs' do")
    identity_url: bool = _switch(True, "token answers carry `id`, the address that names org and user")
    entity_is_deleted_status: int = _switch(404, "HTTP status of ENTITY_IS_DELETED on an addressed record")
    unknown_record_status: int = _switch(404, "HTTP status of INVALID_CROSS_REFERENCE_KEY on PATCH/DELETE")
    readonly_access_status: int = _switch(403, "HTTP status of INSUFFICIENT_ACCESS_OR_READONLY")
    upsert_body_since: float = _switch(
        46.0, "first API version whose upsert answers 200 with a body, not 204"
    )
    reject_external_id_in_body: bool = _switch(
        True, "upsert with the external id repeated in the body is 400"
    )
    repeated_external_id_code: str = _switch(
        "DUPLICATE_EXTERNAL_ID", "statusCode of an external id given twice in one Collections call"
    )
    collections_carry_client: bool = _switch(True, "Collections write the Sforce-Call-Options client id")
    collections_transaction_records: int = _switch(200, "records that share a transaction without allOrNone")
    collections_type_chunks: int = _switch(10, "how often the type may change within one Collections call")
    composite_queries_at_most: int = _switch(
        5, "query and Collections subrequests in one Composite call at most"
    )
    composite_carries_client: bool = _switch(
        False, "subrequests without Sforce-Call-Options take over the client id of the outer call"
    )
    composite_fails_with_items: bool = _switch(
        True, "a failed record of a Collections subrequest undoes a Composite call with allOrNone"
    )
    graph_repeats_root_error: bool = _switch(
        True, "every node of a failed graph shows the error of the failed node, not PROCESSING_HALTED"
    )
    long_request_seconds: float = _switch(20.0, "how long a request runs before it counts as long")
    long_requests_at_most: int = _switch(25, "long requests running at the same time; 5 in developer orgs")
    bulk_hard_delete: bool = _switch(False, "the integration user may run hardDelete jobs")
    bulk_empty_cells_clear: bool = _switch(
        False, "an empty cell of an upload empties its field, as #N/A does"
    )
    bulk_results_in_order: bool = _switch(False, "results of a job keep the order of the uploaded rows")
    bulk_datetimes_end_in_z: bool = _switch(True, "query jobs write datetimes with Z, not with +0000")
    bulk_scientific_numbers: bool = _switch(True, "query jobs write numbers from ten million on as 1.0E7")
    bulk_start_seconds: float = _switch(0.0, "how long a job waits in UploadComplete before it runs")
    bulk_transaction_records: int = _switch(200, "rows of a job that share a transaction")
    bulk_batch_records: int = _switch(10_000, "rows of one internal batch, the unit of the daily allowance")
    bulk_upload_bytes: int = _switch(150_000_000, "size of an upload at most, as base64 text")
    bulk_multipart_characters: int = _switch(100_000, "size of data that comes along with a new job at most")
    bulk_job_days: int = _switch(7, "how long jobs and results are kept")
    bulk_jobs_per_page: int = _switch(1000, "jobs on one page of a job list")
    bulk_query_page_rows: int = _switch(50_000, "rows on a page of query results without maxRecords")
    bulk_daily_batches: int = _switch(15_000, "internal batches per day, shared with Bulk API 1.0")
    bulk_daily_query_jobs: int = _switch(10_000, "query jobs per day")
    bulk_daily_records: int = _switch(150_000_000, "uploaded rows per day")
    merge_equal_changes: bool = _switch(
        True, "equal updates and deletes of one transaction become one event with several record ids"
    )
    event_without_change: bool = _switch(False, "a save that changes nothing still makes an UPDATE event")
    cascade_delete_events: bool = _switch(True, "records deleted with their parent have DELETE events")
    merge_deletes_first: bool = _switch(False, "a merge sends the losers' DELETE before the winner's UPDATE")
    changes_per_transaction: int = _switch(
        100_000, "changed fields one transaction may tell before overflow events stand for the rest"
    )
    text_diffs: bool = _switch(True, "long text is sent as a unified diff when that is shorter")
    stream_ends_with_token: bool = _switch(
        True, "an open Subscribe is cut when its token expires or is revoked"
    )
    cometd_hold_seconds: float = _switch(110.0, "how long a CometD connect is held, scaled")
    cometd_reconnect_seconds: float = _switch(
        40.0, "how long a CometD client may stay away after an answer, scaled"
    )
    cometd_clients_at_most: int = _switch(1000, "CometD clients at once (Enterprise: 1,000)")
    cometd_unauthorised_status: int = _switch(200, "HTTP status of CometD answers that say 401 in their body")
    cometd_changed_fields: bool = _switch(False, "changedFields are in CometD events, by name")
    cometd_braces: bool = _switch(True, "CometD errors quote what was wrong inside literal braces")
    bus_code_statuses: str = _switch(
        "", "other gRPC statuses of the bus's error codes, as code=STATUS,...; see bus_codes.py"
    )
    rpc_id_trailer: str = _switch("rpc-id", "trailer that carries the RPC id of a failed call")
    streams_at_most: int = _switch(1000, "subscribers and publishers of the bus at once")
    streams_per_minute: int = _switch(1000, "Subscribe calls per minute before service.protection.triggered")
    fetch_requests_per_minute: int = _switch(
        6000, "fetch requests of a stream per minute before service.protection.stream.limit.triggered"
    )
    publish_idle_seconds: float = _switch(70.0, "silence after which a PublishStream is closed (70 or 1800)")
    idle_close_status: str = _switch(
        "OK", "gRPC status of a stream closed because demand stayed at zero",
        "OK", "CANCELLED", "DEADLINE_EXCEEDED", "UNAVAILABLE", "INTERNAL", "ABORTED", "RESOURCE_EXHAUSTED",
    )  # fmt: skip
    event_schema_format: str = _switch(
        "EXPANDED",
        "form of the eventSchema resources where payloadFormat is not given",
        "EXPANDED",
        "COMPACT",
    )
    multi_topic_schema_id: str = _switch("", "TopicInfo.schema_id of a channel with several entities")
    multi_picklist_as_array: bool = _switch(False, "multi-select picklists are string arrays in events")
    data_cleansing_fields: bool = _switch(True, "Account and Contact have the data-cleansing fields")
    trim_text: bool = _switch(True, "spaces around text are removed on save")
    versions_need_token: bool = _switch(False, "GET /services/data/ asks for a token")
    smallest_page: int = _switch(200, "smallest query page; smaller batchSize hints are raised to it")
    largest_offset: int = _switch(2000, "largest OFFSET of a query")
    soql_not_stands_alone: bool = _switch(
        True, "NOT beside AND or OR needs parentheses around it and its condition"
    )
    picklists_sort_as_set_up: bool = _switch(
        True, "ORDER BY a picklist follows the order of its values in the setup, not the alphabet"
    )
    locators_per_user: int = _switch(10, "query results one user may have open; the oldest makes place")
    replication_seconds: int = _switch(60, "granularity of getUpdated and getDeleted")
    replication_lag_seconds: int = _switch(0, "how far getUpdated and getDeleted lag behind")
    updated_window_days: int = _switch(30, "how far back getUpdated reaches")
    deleted_window_days: int = _switch(15, "how far back getDeleted reaches")
    soft_limit_percent: int = _switch(0, "how far over the daily limit calls are still served")
    refresh_token_rotation: bool = _switch(
        False,
        "each refresh answers a new refresh token and ends the old; an ended one that comes again ends all",
    )
    approvals_per_user: int = _switch(5, "refresh tokens of one user and app; one more ends the oldest")
    authorization_code_minutes: float = _switch(15.0, "life of an authorization code")
    callback_urls: str = _switch(
        "", "addresses the app may be called back at, comma-separated; empty: any on this machine"
    )
    password_flow: bool = _switch(False, "the OAuth username-password flow is allowed, as in old orgs")
    security_token_needed: bool = _switch(True, "logins by password need the security token behind it")
    login_hosts: str = _switch(
        "login.salesforce.com", "hosts that are the common login: no client credentials there"
    )
    foreign_login_hosts: str = _switch(
        "test.salesforce.com", "login hosts of other orgs, where nobody knows this org's app"
    )
    logins_per_hour: int = _switch(3600, "token requests per hour before 'login rate exceeded'")
    token_seconds: float = _switch(7200.0, "session length, counted anew with every use")
    keepalive_seconds: float = _switch(60.0, "silence after which an empty FetchResponse comes (270 allowed)")
    idle_close_seconds: float = _switch(60.0, "how long demand may stay at zero before the stream is closed")
    events_per_response: int = _switch(40, "events in one FetchResponse at most")
    locator_seconds: float = _switch(900.0, "life of a query locator")
    daily_delivered_events: int = _switch(25_000, "events delivered to all subscribers per day")
    event_entities: str = _switch(
        "Account,Contact,Opportunity,Order,Product2", "objects selected for change events, comma-separated"
    )
    event_entities_at_most: int = _switch(
        5, "objects that may be selected for change events over all channels; an add-on lifts the limit"
    )
    line_item_events: bool = _switch(False, "OpportunityLineItem can be selected for change events")
    currencies: str = _switch("", "ISO codes of a multi-currency org, corporate first; empty: one currency")
    person_accounts: bool = _switch(False, "the org has person accounts")
    key_fields: bool = _switch(True, "business objects have the external id Zoho_Id__c")
    active_fields: bool = _switch(True, "Account and Contact have the checkbox Is_Active__c")
    stock_fields: bool = _switch(True, "Product2 has Stock_On_Hand__c, Stock_Available__c and Stock_As_Of__c")
    order_fields: bool = _switch(True, "Order has Zoho_Number__c and Zoho_Status__c")
    incoming_stock: bool = _switch(True, "the org has the custom object Incoming_Stock__c")
    restricted_stages: bool = _switch(True, "a StageName that nobody set up is refused")
    amount_with_lines_refused: bool = _switch(
        False, "writing Amount of an opportunity with lines is an error (else it is ignored in silence)"
    )
    line_by_product: bool = _switch(False, "an OpportunityLineItem may name Product2Id, not a price")
    line_sets_price_book: bool = _switch(
        False, "a first line gives its opportunity or order without a price book its own"
    )
    used_product_delete_refused: bool = _switch(True, "a product with order or opportunity lines stays")
    used_price_book_delete_refused: bool = _switch(True, "a price book of orders or opportunities stays")
    used_price_delete_refused: bool = _switch(
        False, "a PricebookEntry with lines stays (else lines keep the id of a deleted price)"
    )
    standard_price_delete_refused: bool = _switch(
        True, "a standard price stays while the product has prices in other books"
    )
    repeated_price_code: str = _switch(
        "DUPLICATE_VALUE", "errorCode of a second price of a product in one book and currency"
    )
    account_with_orders_delete_refused: bool = _switch(True, "an account with orders stays")
    order_statuses: str = _switch(
        "Draft=Draft,Activated=Activated", "values of Order.Status with the StatusCode each stands for"
    )
    order_activation_code: str = _switch(
        "FAILED_ACTIVATION", "errorCode of an order that is created or becomes activated when it must not"
    )
    order_back_to_draft: bool = _switch(False, "an activated order may become a draft again")
    activated_order_delete: bool = _switch(False, "an activated order may be deleted")
    activated_order_open_fields: str = _switch(
        "Status,Description,OwnerId,*__c", "fields of an activated order that may change; *__c: custom ones"
    )
    activated_item_open_fields: str = _switch(
        "Description,*__c", "fields of an activated order's items that may change; *__c: custom ones"
    )
    locked_record_code: str = _switch(
        "FIELD_INTEGRITY_EXCEPTION", "errorCode of a change to an activated order or its items"
    )

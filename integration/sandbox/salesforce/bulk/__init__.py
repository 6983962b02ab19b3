"""Bulk API 2.0: jobs that load rows from CSV and jobs that write what a query finds as CSV."""

from integration.sandbox.salesforce.bulk.bulk_api import BulkApi

__all__ = ["BulkApi"]

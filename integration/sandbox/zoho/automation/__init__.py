"""Workflow rules, webhooks and retry policies that clients set up through the API."""

"""The Streaming API: the same log of events for CometD clients over long polling."""

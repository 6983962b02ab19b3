"""The demo: the whole product on this machine against the sandbox, with two filled organisations."""

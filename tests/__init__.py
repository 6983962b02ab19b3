"""Tests of the product; `make check` runs the quick ones, `make test` all of them."""

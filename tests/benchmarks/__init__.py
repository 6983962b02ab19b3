"""The numbers of the product, each measured beside what it is compared with: `python -m tests.benchmarks`."""

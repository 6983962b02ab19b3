"""`python -m integration.sandbox`."""

import sys

from integration.sandbox.app import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m nearside_server` is the `nearside` command."""

import sys

from nearside_server.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m echo_metrics`."""

import sys

from echo_metrics.cli import main

if __name__ == "__main__":
    sys.exit(main())

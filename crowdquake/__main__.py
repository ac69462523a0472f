"""`python -m crowdquake`, the same as the command."""

import sys

from crowdquake.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m crowdquake`, the same as the command."""

from crowdquake.cli import main

if __name__ == "__main__":
    main()

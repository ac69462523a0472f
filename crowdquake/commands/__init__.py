"""The commands, a file each; importing one registers it."""

from crowdquake.commands import catalogue, hedge, report, reserve, run, unwind
from crowdquake.commands.base import app

__all__ = ["app", "catalogue", "hedge", "report", "reserve", "run", "unwind"]

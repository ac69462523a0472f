"""The commands, a file each; importing one registers it."""

from crowdquake.commands import catalogue, cliff, explain, hedge, report, reserve, run, unwind
from crowdquake.commands.base import app

__all__ = ["app", "catalogue", "cliff", "explain", "hedge", "report", "reserve", "run", "unwind"]

"""The 2008 report: every number that it prints beside the engine's, and series made up to have its facts."""

from hedging.report2008.example import Example, example_series, write_example
from hedging.report2008.replication import Replication, replicate_report
from hedging.report2008.samples import ReportSample
from hedging.report2008.verdicts import ReportRow

__all__ = [
    "Example",
    "Replication",
    "ReportRow",
    "ReportSample",
    "example_series",
    "replicate_report",
    "write_example",
]

"""Published results held against ours: a row a file under `validation/rows`, found by folder (docs/validation.md)."""

from validation.board import Board, validate
from validation.figures import Figure, claim, exact
from validation.row import ROWS, CannotBeExpressedError, NotRunError, Row, row, scenario_row
from validation.trial import Trial

__all__ = [
    "ROWS",
    "Board",
    "CannotBeExpressedError",
    "Figure",
    "NotRunError",
    "Row",
    "Trial",
    "claim",
    "exact",
    "row",
    "scenario_row",
    "validate",
]

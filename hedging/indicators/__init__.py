"""Timing indicators, one file each.

Every module of this folder is imported here, so that a new indicator is one new file that registers itself.
"""

from cqkit.finding import import_folder
from hedging.indicators.base import INDICATORS, Indicator, indicator_names, make_indicator, register_indicator

import_folder(__name__, __path__)

__all__ = ["INDICATORS", "Indicator", "indicator_names", "make_indicator", "register_indicator"]

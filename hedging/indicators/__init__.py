"""Timing indicators, one file each.

Every module of this folder is imported here, so that a new indicator is one new file that registers itself.
"""

from importlib import import_module
from pkgutil import iter_modules

from hedging.indicators.base import Indicator, indicator_names, make_indicator, register_indicator

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["Indicator", "indicator_names", "make_indicator", "register_indicator"]

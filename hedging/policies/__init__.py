"""Hedge policies, one file each.

Every module of this folder is imported here, so that a new policy is one new file that registers itself.
"""

from importlib import import_module
from pkgutil import iter_modules

from hedging.policies.base import HedgePolicy, HedgeView, make_policy, policy_names, register
from hedging.policies.full import FullHedge

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["FullHedge", "HedgePolicy", "HedgeView", "make_policy", "policy_names", "register"]

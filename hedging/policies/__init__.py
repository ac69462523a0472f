"""Hedge policies, one file each.

Every module of this folder is imported here, so that a new policy is one new file that registers itself.
"""

from importlib import import_module
from pkgutil import iter_modules

from hedging.policies.base import (
    HedgePolicy,
    HedgeView,
    make_policy,
    parse_policy,
    policy_names,
    policy_parameters,
    register,
)
from hedging.policies.full import FullHedge
from hedging.policies.full_rebalanced import FullRebalancedHedge
from hedging.policies.minimum_variance import MinimumVarianceHedge
from hedging.policies.partial import PartialHedge
from hedging.policies.timing import TimingHedge
from hedging.policies.unhedged import NoHedge

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = [
    "FullHedge",
    "FullRebalancedHedge",
    "HedgePolicy",
    "HedgeView",
    "MinimumVarianceHedge",
    "NoHedge",
    "PartialHedge",
    "TimingHedge",
    "make_policy",
    "parse_policy",
    "policy_names",
    "policy_parameters",
    "register",
]

"""Hedge policies, one file each.

Every module of this folder is imported here, so that a new policy is one new file that registers itself.
"""

from cqkit.finding import import_folder
from hedging.policies.base import (
    POLICIES,
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

import_folder(__name__, __path__)

__all__ = [
    "POLICIES",
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

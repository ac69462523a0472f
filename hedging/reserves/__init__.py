"""The reserve of a hedge set in advance: in closed form, by simulation, with a fitted tail."""

from hedging.reserves.estimates import CONFIDENCES, SimulatedReserve, diluted_return
from hedging.reserves.needs import HedgeNeeds
from hedging.reserves.reflection import REFLECTION_ASSUMPTIONS, reflection_call_probability, reflection_reserve
from hedging.reserves.simulation import simulate_needs, simulate_reserve
from hedging.reserves.study import ReserveStudy, hedge_reserve
from hedging.reserves.tails import Estimate, TailFit, fit_tail, paths_needed

__all__ = [
    "CONFIDENCES",
    "REFLECTION_ASSUMPTIONS",
    "Estimate",
    "HedgeNeeds",
    "ReserveStudy",
    "SimulatedReserve",
    "TailFit",
    "diluted_return",
    "fit_tail",
    "hedge_reserve",
    "paths_needed",
    "reflection_call_probability",
    "reflection_reserve",
    "simulate_needs",
    "simulate_reserve",
]

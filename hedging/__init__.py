"""Index-futures hedging: contracts, margin account, policies and replay over any price paths."""

from cqkit.arrays import BoolArray, FloatArray, IntArray
from cqkit.errors import CrowdquakeError, InputError, raise_faults
from hedging.account import MarginAccount
from hedging.basis import BasisUnit, futures_prices
from hedging.black76 import ImpliedVolatility, black_price, implied_volatility
from hedging.book import Execution, HedgeBook, WhenExhausted
from hedging.calendar import RollSchedule, expiries, expiry_day, listed_expiries, roll_schedule, third_friday
from hedging.checks import CheckError, check_indicator, check_policy
from hedging.contract_files import contract, contract_names, example_contract
from hedging.contracts import CERTAINTIES, IF, ContractRule, FuturesContract
from hedging.costs import TradingCosts
from hedging.example import Example, example_series, write_example
from hedging.fear_gauge import FearGauge, fear_gauge
from hedging.indicators import Indicator, indicator_names, make_indicator, register_indicator
from hedging.joining import JoinedSeries, join_series
from hedging.path_models import (
    PathModel,
    StockBook,
    make_path_model,
    parse_path_model,
    path_model_names,
    register_path_model,
)
from hedging.policies import (
    FullHedge,
    FullRebalancedHedge,
    HedgePolicy,
    HedgeView,
    MinimumVarianceHedge,
    NoHedge,
    PartialHedge,
    TimingHedge,
    make_policy,
    parse_policy,
    policy_names,
    policy_parameters,
    register,
)
from hedging.prices import Prices, PriceTape
from hedging.quotes import load_quotes
from hedging.replay import replay
from hedging.replication import Replication, ReportRow, replicate_report
from hedging.reserve import (
    REFLECTION_ASSUMPTIONS,
    SimulatedReserve,
    diluted_return,
    reflection_call_probability,
    reflection_reserve,
    simulate_reserve,
)
from hedging.result import HedgeResult
from hedging.returns import ReturnModel, make_return_model, register_return_model, return_model_names
from hedging.series import load_closes, load_prices
from hedging.signals import Signal
from hedging.tails import Estimate, TailFit, fit_tail
from hedging.volatility import Volatility, make_volatility, register_volatility, volatility_names

__all__ = [
    "CERTAINTIES",
    "IF",
    "REFLECTION_ASSUMPTIONS",
    "BasisUnit",
    "BoolArray",
    "CheckError",
    "ContractRule",
    "CrowdquakeError",
    "Estimate",
    "Example",
    "Execution",
    "FearGauge",
    "FloatArray",
    "FullHedge",
    "FullRebalancedHedge",
    "FuturesContract",
    "HedgeBook",
    "HedgePolicy",
    "HedgeResult",
    "HedgeView",
    "ImpliedVolatility",
    "Indicator",
    "InputError",
    "IntArray",
    "JoinedSeries",
    "MarginAccount",
    "MinimumVarianceHedge",
    "NoHedge",
    "PartialHedge",
    "PathModel",
    "PriceTape",
    "Prices",
    "Replication",
    "ReportRow",
    "ReturnModel",
    "RollSchedule",
    "Signal",
    "SimulatedReserve",
    "StockBook",
    "TailFit",
    "TimingHedge",
    "TradingCosts",
    "Volatility",
    "WhenExhausted",
    "black_price",
    "check_indicator",
    "check_policy",
    "contract",
    "contract_names",
    "diluted_return",
    "example_contract",
    "example_series",
    "expiries",
    "expiry_day",
    "fear_gauge",
    "fit_tail",
    "futures_prices",
    "implied_volatility",
    "indicator_names",
    "join_series",
    "listed_expiries",
    "load_closes",
    "load_prices",
    "load_quotes",
    "make_indicator",
    "make_path_model",
    "make_policy",
    "make_return_model",
    "make_volatility",
    "parse_path_model",
    "parse_policy",
    "path_model_names",
    "policy_names",
    "policy_parameters",
    "raise_faults",
    "reflection_call_probability",
    "reflection_reserve",
    "register",
    "register_indicator",
    "register_path_model",
    "register_return_model",
    "register_volatility",
    "replay",
    "replicate_report",
    "return_model_names",
    "roll_schedule",
    "simulate_reserve",
    "third_friday",
    "volatility_names",
    "write_example",
]

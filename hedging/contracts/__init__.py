"""What is traded: contracts and their rules by date, expiries and rolls, what trading costs."""

from hedging.contracts.calendar import RollSchedule, expiries, listed_expiries, roll_schedule, third_friday
from hedging.contracts.costs import TradingCosts
from hedging.contracts.expiry import expiry_day
from hedging.contracts.files import contract, contract_names, example_contract
from hedging.contracts.netting import larger_side_margin
from hedging.contracts.specification import CERTAINTIES, IF, ContractRule, FuturesContract

__all__ = [
    "CERTAINTIES",
    "IF",
    "ContractRule",
    "FuturesContract",
    "RollSchedule",
    "TradingCosts",
    "contract",
    "contract_names",
    "example_contract",
    "expiries",
    "expiry_day",
    "larger_side_margin",
    "listed_expiries",
    "roll_schedule",
    "third_friday",
]

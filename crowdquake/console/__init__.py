"""What the commands show: progress on stderr, tables on stdout."""

from crowdquake.console.base import compile_kernels, drawing, progress, stdout
from crowdquake.console.hedges import (
    contract_json,
    fear_gauge_json,
    print_contract,
    print_contracts,
    print_fear_gauge,
    print_hedge,
    print_replication,
    print_reserve,
)
from crowdquake.console.runs import print_run, run_json
from crowdquake.console.studies import print_cliff, print_explanation

__all__ = [
    "compile_kernels",
    "contract_json",
    "drawing",
    "fear_gauge_json",
    "print_cliff",
    "print_contract",
    "print_contracts",
    "print_explanation",
    "print_fear_gauge",
    "print_hedge",
    "print_replication",
    "print_reserve",
    "print_run",
    "progress",
    "run_json",
    "stdout",
]

"""What policies and reserves take the index for: signals, volatilities, returns until the last day, whole paths."""

from hedging.models.paths import (
    PATH_MODELS,
    PathModel,
    StockBook,
    make_path_model,
    parse_path_model,
    path_model_names,
    register_path_model,
)
from hedging.models.returns import (
    RETURN_MODELS,
    ReturnModel,
    make_return_model,
    register_return_model,
    return_model_names,
)
from hedging.models.signals import Signal
from hedging.models.volatility import (
    VOLATILITIES,
    Volatility,
    make_volatility,
    register_volatility,
    volatility_names,
)
from hedging.series.prices import YEAR

__all__ = [
    "PATH_MODELS",
    "RETURN_MODELS",
    "VOLATILITIES",
    "YEAR",
    "PathModel",
    "ReturnModel",
    "Signal",
    "StockBook",
    "Volatility",
    "make_path_model",
    "make_return_model",
    "make_volatility",
    "parse_path_model",
    "path_model_names",
    "register_path_model",
    "register_return_model",
    "register_volatility",
    "return_model_names",
    "volatility_names",
]

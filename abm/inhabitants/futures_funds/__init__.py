"""Funds long stocks and short index futures: swap-financed, or paying for their stocks."""

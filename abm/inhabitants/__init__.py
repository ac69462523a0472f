"""Who lives in a market: each brings settings, state with its population, what it does in a bar, and at the close.

A small inhabitant is one file, a larger one a folder. `abm/day.py` alone knows the order in which they act in a bar;
`abm/market.py` is a loop over them. A user's own inhabitant is written like ours and registered (base.py).
"""

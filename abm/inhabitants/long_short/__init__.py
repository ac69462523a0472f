"""Long-short funds: leveraged, market-neutral, alike; short stocks."""

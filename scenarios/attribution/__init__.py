"""Where a loss came from: what can be switched off in a market, and values of a game of many players."""

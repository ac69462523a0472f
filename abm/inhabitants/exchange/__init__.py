"""The exchange: price limits, halts, and who may not trade because of them."""

"""One fund on credit, so large that everybody sees it, and those who prey on it."""

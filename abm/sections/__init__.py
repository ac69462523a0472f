"""Sections of the settings that are the market's own; every inhabitant brings one besides."""

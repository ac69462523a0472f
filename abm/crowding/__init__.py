"""Measures and networks of books: how crowded a market is."""

from abm.crowding.overlap import average_overlap, cosine_overlap, overlap_network, unit_books

__all__ = ["average_overlap", "cosine_overlap", "overlap_network", "unit_books"]

"""Books of holdings as their owners have them: one list a fund, several in a file, or a matrix of funds and stocks."""

from hedging.holdings.book import Holdings, match_tickers
from hedging.holdings.lists import header_of
from hedging.holdings.matrix import Matrix, read_matrix
from hedging.holdings.reading import EXAMPLE, PACKED, SAMPLE, book_file, read_book, read_books

__all__ = [
    "EXAMPLE",
    "PACKED",
    "SAMPLE",
    "Holdings",
    "Matrix",
    "book_file",
    "header_of",
    "match_tickers",
    "read_book",
    "read_books",
    "read_matrix",
]

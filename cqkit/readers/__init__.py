"""Readers of table files, a format a file; each registers the endings that it reads."""

from cqkit.finding import import_folder
from cqkit.readers.base import READERS, Cells, reader_of

import_folder(__name__, __path__)

__all__ = ["READERS", "Cells", "reader_of"]

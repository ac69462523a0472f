"""The rows of the board, a published result a file."""

from cqkit.finding import import_folder

import_folder(__name__, __path__)

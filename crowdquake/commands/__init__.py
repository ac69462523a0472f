"""The commands, found by folder: a new command is one new file here, or one function in a file of the user's own.

>>> from crowdquake.commands import command
>>> @command("greet")
... def greet(name: str = "you") -> None:
...     "Greet somebody."
"""

from cqkit.finding import import_folder
from crowdquake.commands.base import COMMANDS, command, make_app

import_folder(__name__, __path__)

__all__ = ["COMMANDS", "command", "make_app"]

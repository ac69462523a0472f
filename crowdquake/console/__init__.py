"""What the commands show: progress on stderr, tables on stdout; a result is told by its type.

>>> from crowdquake.console import stdout, tell
>>> @tell.register(MyStudy)
... def tell_my_study(found, out=None):
...     stdout().print(found.answer)
"""

from cqkit.finding import import_folder
from crowdquake.console.base import compile_kernels, drawing, progress, stdout, tell, tell_notes

import_folder(__name__, __path__)

__all__ = ["compile_kernels", "drawing", "progress", "stdout", "tell", "tell_notes"]

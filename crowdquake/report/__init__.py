"""The committee's pack: results on disk become one HTML file or PDF, in English or Chinese.

`sections/` holds a file a section; each says from which results it is made. `make_pack` reads the folders, asks all
sections, and gives a document that `page` writes as HTML and `paper` as PDF/A. Whatever a document says is made from
the result files: it has no clock, no path of this machine, and no chance, so that equal results give equal bytes.
"""

from cqkit.finding import import_folder
from crowdquake.report import sections
from crowdquake.report.making import make_pack, pack
from crowdquake.report.page import write_page
from crowdquake.report.paper import write_paper
from crowdquake.report.parts import Chart, Listing, Part, Table, Text
from crowdquake.report.register import SECTIONS, section

import_folder(sections.__name__, sections.__path__)

__all__ = [
    "SECTIONS",
    "Chart",
    "Listing",
    "Part",
    "Table",
    "Text",
    "make_pack",
    "pack",
    "section",
    "write_page",
    "write_paper",
]

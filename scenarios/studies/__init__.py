"""Studies, one file each: a question put to many markets on the same noise (base.py says what a study is).

Every module of this folder is imported here, so that a new study is one new file that registers itself.
"""

from cqkit.finding import import_folder
from scenarios.studies.base import STUDIES, Found, Study, StudyResult, cases_of, conduct, parse_study, register

import_folder(__name__, __path__)

__all__ = ["STUDIES", "Found", "Study", "StudyResult", "cases_of", "conduct", "parse_study", "register"]

"""How crowded books are: the user's own, or a simulated market's, put together, measured and told."""

from scenarios.crowds.assessing import Assessment, Terms, assess
from scenarios.crowds.crowd import Crowd, crowd_in, crowd_of
from scenarios.crowds.files import measure_files
from scenarios.crowds.result import CrowdingResult

__all__ = ["Assessment", "Crowd", "CrowdingResult", "Terms", "assess", "crowd_in", "crowd_of", "measure_files"]

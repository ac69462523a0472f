"""How crowded books are: the user's own, or a simulated market's, put together, measured and told."""

from scenarios.crowding.assessing import Assessment, Terms, assess
from scenarios.crowding.crowd import Crowd, crowd_in, crowd_of
from scenarios.crowding.result import CrowdingResult

__all__ = ["Assessment", "Crowd", "CrowdingResult", "Terms", "assess", "crowd_in", "crowd_of"]

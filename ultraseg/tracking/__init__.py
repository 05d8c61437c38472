from ultraseg.tracking.follow import Following, follow
from ultraseg.tracking.trackers import TRACKERS, refuse

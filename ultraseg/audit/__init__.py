from ultraseg.audit._finding import BROKEN
from ultraseg.audit._kinds import ADJACENT
from ultraseg.audit.contradictions import AGREEMENT, Contradiction, agreements, contradictions
from ultraseg.audit.duplicates import Pair, duplicates
from ultraseg.audit.images import inspect_image, inspect_images
from ultraseg.audit.leakage import leakage, random_leakage
from ultraseg.audit.masks import extents, inspect_masks

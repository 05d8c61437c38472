from ultraseg.statistics.compare import Comparison, compare
from ultraseg.statistics.contrast import Contrast, contrast
from ultraseg.statistics.effects import Effects, effects
from ultraseg.statistics.interval import Interval, interval
from ultraseg.statistics.levels import levels, whole
from ultraseg.statistics.ranks import Ranks, ranks
from ultraseg.statistics.resolvable import Resolvable, resolvable
from ultraseg.statistics.spread import Spread, spread
from ultraseg.statistics.strata import strata
from ultraseg.statistics.terciles import terciles

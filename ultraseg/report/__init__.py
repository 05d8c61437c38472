from ultraseg.report.outline import outline
from ultraseg.report.overlays import leave, wanted
from ultraseg.report.report import Report, conventions, report

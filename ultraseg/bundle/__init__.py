from ultraseg.bundle.compare import VERDICTS, Number, compare
from ultraseg.bundle.pack import pack
from ultraseg.bundle.unpacked import Bundle, unpacked

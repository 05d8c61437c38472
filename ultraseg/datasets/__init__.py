from ultraseg.datasets.busi import busi
from ultraseg.datasets.phantom import phantom

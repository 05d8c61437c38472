from ultraseg.runner.local import local

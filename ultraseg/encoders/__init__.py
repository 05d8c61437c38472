from ultraseg.encoders.plain import plain

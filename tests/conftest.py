from ultraseg import runtime

runtime.prepare(threads=2)

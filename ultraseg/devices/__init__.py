from ultraseg.devices.divide import divide

from ultraseg.cli.app import main

from ultraseg.runner._asking import Died
from ultraseg.runner._jobs import Job, Place
from ultraseg.runner.check import count, faults, probe
from ultraseg.runner.crew import Crew, devices_of
from ultraseg.runner.local import local
from ultraseg.runner.omissions import omissions
from ultraseg.runner.plan import plan, shard
from ultraseg.runner.ray_crew import RayCrew
from ultraseg.runner.slurm import slurm_queue, submit
from ultraseg.runner.status import states, studies

from ultraseg.convert.agreed import agreed
from ultraseg.convert.build import build, preprocesses
from ultraseg.convert.checkpoint import configuration, read, write
from ultraseg.convert.model_file import load, save
from ultraseg.convert.sm_weights import load_sm, read_sm, sm_model
from ultraseg.convert.smp_weights import counterpart, smp_weights
from ultraseg.convert.state_dict import load_state_dict, state_dict

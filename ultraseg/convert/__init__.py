from ultraseg.convert.agreed import agreed
from ultraseg.convert.build import build, completed, counterpart, preprocesses, whole_encoder
from ultraseg.convert.checkpoint import configuration, read, write
from ultraseg.convert.model_file import load, save
from ultraseg.convert.sm_weights import load_sm, read_sm, sm_model
from ultraseg.convert.state_dict import load_state_dict, state_dict

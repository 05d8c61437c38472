"""What a small training on phantoms ends in: its losses by epoch, and every score of its test images."""

import json
import tempfile
from pathlib import Path

from tests.drawn import ready
from ultraseg import catalogue, records, trial
from ultraseg.program import Program

PATH = Path(__file__).parent / "training.json"
COLUMNS = ("loss", "val_loss", "val_dice", "val_iou")


def found(folder: Path):
    """Train and read what came out."""
    drawn, collection, cache = ready(folder)
    chosen = {"loss": catalogue.resolve("losses", "dice"), "epochs": 10}
    resolved = {**drawn, **chosen, "optimizer": catalogue.resolve("optimizers", {"adam": {"learning_rate": 0.03}})}
    done = trial.run(resolved, collection, cache, Program(resolved), trials=folder / "trials")
    history = [{key: round(row[key], 6) for key in COLUMNS} for row in records.read_rows(done / "history.csv")]
    pooled = {key: round(value, 6) for key, value in records.read_json(done / "result.json")["pooled"].items()}
    rows = records.read_rows(done / "images.csv")
    scores = {row["id"]: [round(row[key], 6) for key in ("accuracy", "dice", "iou", "loss")] for row in rows}
    return {"history": history, "pooled": pooled, "images: accuracy, dice, iou, loss": scores}


def write():
    """Write what is found now."""
    with tempfile.TemporaryDirectory() as folder:
        PATH.write_text(json.dumps(found(Path(folder)), indent=1) + "\n")

"""The audit of real BUSI: what it finds, and what it takes in a process of its own.

    python bench/busi_audit.py --data FOLDER [--write]

Writes results/busi_audit.md.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import _machine as machine

AUDIT = [str(Path(sys.executable).with_name("ultraseg")), "data", "audit"]
RESULTS = Path(__file__).parent.parent / "results"
NOTES = """## What it means

- **Leakage.** {mean:.1%} of the test images of a random 80:20 split show a scan that is in the training part too, in
  another copy (mean over {draws} seeds, {least:.1%} to {most:.1%}). Scores on such a split, as reports 000 and 001
  have them, are in part scores on training images.
- **Two answers.** {twice} pairs of copies carry two masks. Their Dice is {mean_dice} on average and {median_dice} in
  the median, over what both pictures show: so far apart are the data's own answers to one scan. A model that is tested
  on them can hardly be told from either by less. It is no limit proper: who drew a mask, whether the other was seen,
  and how much an adjacent frame moved are not known. Where it is below 0.7 the two masks are different opinions, not
  one lesion drawn twice; the images are marked `contradicted`, and `data: {{exclude: [contradicted]}}` leaves them out.
- **Labels.** {labels} pairs carry two labels: benign and malignant, or a lesion and none.
- **How sure this is.** The score of a pair is the correlation of its detail, mostly speckle, once the two are aligned.
  Pictures of one moment score {same_low:.3f} and more, adjacent frames of one sweep {near_low:.2f} to {near_high:.2f};
  the pairs on both sides of that gap were looked at by eye. What the literature has to compare with are counts
  alone: 235 duplicated images (quoted from Pawlowska, Karwat, Zolek, Data in Brief 48:109247, 2023).
- **Time.** {wall:.0f} s and {memory:.2f} GiB at most, TensorFlow not loaded, pictures of the page included.

The pairs themselves are in `audit.json`, the groups in [data/busi.csv](../data/busi.csv); `ultraseg data audit` shows
them side by side. No picture of the data set is kept here.
"""


def main() -> None:
    """Audit in a fresh process, and add to its summary what it means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--peer-python", help="not used here")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as nest:
        out, start = Path(nest) / "audit", time.perf_counter()
        subprocess.run([*AUDIT, str(given.data), "-o", str(out)], check=True)
        wall = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        found, text = json.loads((out / "audit.json").read_text()), (out / "audit.md").read_text()
    still = [pair["score"] for pair in found["pairs"] if pair["kind"] != "adjacent frame"]
    near = [pair["score"] for pair in found["pairs"] if pair["kind"] == "adjacent frame"]
    facts, random = found["facts"], found["leakage"]["random"]
    notes = NOTES.format(
        **random,
        twice=facts["pairs of copies with two masks"],
        mean_dice=facts["their Dice, mean"],
        median_dice=facts["their Dice, median"],
        labels=facts["pairs that contradict each other over the label"],
        same_low=min(still),
        near_low=min(near),
        near_high=max(near),
        wall=wall,
        memory=memory,
    )
    title, _, rest = text.partition("\n\n")
    made = f"{machine.machine()}\n\nCommand: `python bench/busi_audit.py --data BUSI`"
    page = f"{title}\n\n{made}\n\n{rest}\n{notes}"
    machine.publish("busi_audit", page, write=given.write, folder=RESULTS)


if __name__ == "__main__":
    main()

"""Where a leak pays: Dice of the study `leakage` apart for test images that have a copy elsewhere and that have none.

    python docs/leakage_by_image.py [--runs RUNS] [--profile PROFILE]

Writes results/leakage-by-image.md from what `ultraseg run leakage` left behind, and from data/busi.csv, which says
which images show one scan.
"""

import argparse
from pathlib import Path

import pandas as pd

from ultraseg import atomic, records, samples
from ultraseg.statistics import compare

ROOT = Path(__file__).parent.parent
HEAD = """# Where a leak pays

The trials of [leakage.md](leakage.md), which names machine and date, once more, by `python docs/leakage_by_image.py`. A
copy outside the test part may lie in the validation part instead of training. Seeds are averaged first; intervals and
tests are those of the study's own tables, of these trained networks.

"""
BASELINE, LEAKING = "dropped", ("leaking", "leaking, all images")


def scores(runs: Path, profile: str) -> pd.DataFrame:
    """A line per row, seed and test image of the rows that share their test images."""
    outline = records.read_json(runs / f"leakage-{profile}" / "study.json")
    lines = []
    for cell in outline["cells"]:
        if cell["label"] in (BASELINE, *LEAKING):
            for trial in cell["trials"]:
                rows = pd.read_csv(runs / "trials" / trial["id"] / "images.csv", usecols=["id", "group", "dice"])
                rows = rows.rename(columns={"id": "image", "dice": "score"})
                lines.append(rows.assign(row=cell["label"], seed=trial["seed"], fold=trial["fold"]))
    return pd.concat(lines, ignore_index=True)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--profile", default="cpu")
    given = parser.parse_args()
    table = scores(given.runs, given.profile)
    scan = {row.id: row.scan for row in samples.read_manifest(ROOT / "data" / "busi.csv")}
    tested = set(table["image"])
    outside = {scan[name] for name in scan if name not in tested and not name.startswith("normal")}
    copied = table["image"].map(scan).isin(outside)
    lines = []
    for title, part in (("a copy outside the test part", copied), ("none", ~copied)):
        for row in compare(table[part], BASELINE).table.itertuples():
            dice = table[part & (table["row"] == row.row)]["score"].mean()
            ends = f"{row.difference:+.4f} [{row.low:+.4f}, {row.high:+.4f}]"
            lines.append([title, f"{row.images}", row.row, f"{dice:.4f}", ends, f"{row.wilcoxon_holm:.3f}"])
    headers = ["images with", "images", "row", "dice", f"less '{BASELINE}', 95 % over groups", "p, Wilcoxon (Holm)"]
    page = ROOT / "results" / "leakage-by-image.md"
    atomic.text(
        page, HEAD + "\n".join("| " + " | ".join(line) + " |" for line in [headers, ["---"] * 6, *lines]) + "\n"
    )
    print(page)


if __name__ == "__main__":
    main()

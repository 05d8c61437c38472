"""The commands of `ultraseg data`: fetch, look at, audit, split and draw data sets."""

from pathlib import Path
from typing import Annotated

import typer

from ultraseg.cli._options import CACHE, Cache
from ultraseg.cli._screen import console, watched

data_app = typer.Typer(help="Fetch, audit, split and draw data sets; write and verify manifests.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The folder that holds the data set.")]
Reader = Annotated[
    str,
    typer.Option("--set", help="Its reader, as in a study: busi, '{folder: {label: benign}}'; see `list datasets`."),
]
Raw = Annotated[Path, typer.Option(help="Where fetched data sets lie, each in a folder of its own.")]
RAW, BUSI = Path("data/raw"), Path("data/busi.csv")
EXCLUDED = ("contradicted", "copies")


@data_app.command()
def get(
    name: Annotated[str, typer.Argument(help="A data set; see `ultraseg data list`.")],
    folder: Raw = RAW,
) -> None:
    """Fetch a data set where its licence allows it, check and unpack it; or say how to fetch it by hand."""
    from ultraseg import sources

    fetched = sources.get(name, folder, watch=watched)
    source = fetched.source
    print(f"{source.title}: {'fetched into' if fetched.fresh else 'is here already, in'} {fetched.root}")
    for entry in fetched.entries:
        print(f"  {entry.file}: {entry.bytes / 2**20:.1f} MiB, SHA-256 {entry.sha256}; {entry.compared}")
    print(f"licence: {source.licence}\nplease cite: {source.citation}")


@data_app.command("list")
def list_(folder: Raw = RAW) -> None:
    """List the data sets that can be fetched, and what is here of them."""
    from rich.table import Table

    from ultraseg import sources

    table = Table("name", "what it is", "licence", "how it comes", "here", title="data sets")
    for found in sources.present(folder):
        here = "no" if found.root is None else f"{found.images or 'no'} images in {found.root}"
        told = f"{here}; {found.note}" if found.note else here
        table.add_row(found.source.name, found.source.title, found.source.licence, found.source.way, told)
    table.caption = "`ultraseg data get NAME` fetches one, or says how to do it by hand"
    console().print(table)


@data_app.command("audit")
def audit_(
    root: Folder,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to make: audit.json, .md, .html.")],
    dataset: Reader = "busi",
    split: Annotated[Path | None, typer.Option(help="A split file (JSON) whose leakage is counted.")] = None,
    share: Annotated[float, typer.Option(help="Share of the images that test in a random split.")] = 0.2,
    seed: Annotated[int, typer.Option(help="Of scikit-learn's random split.")] = 30,
) -> None:
    """Look for copies of one scan, contradictions, odd masks and images, and leaks; a page with pictures."""
    from ultraseg import atomic, examination
    from ultraseg.audit import page

    if output.exists():
        raise ValueError(f"{output}: exists already; name another folder, or remove it")
    atomic.refuse_unwritable(output)
    found = examination.examine(_parsed("--set", dataset), root, split=split, share=share, seed=seed, watch=watched)
    for sentence in page.write(output, found):
        print(sentence)
    for fault in found.faults:
        print(f"fault: {fault}")
    for finding in found.broken:
        print(f"broken: {finding.text}")
    print(f"wrote {output}/audit.html, audit.md and audit.json")
    if found.faults or found.broken:
        raise typer.Exit(1)


@data_app.command()
def split(
    root: Folder,
    output: Annotated[Path, typer.Option("-o", "--output", help="The split file (JSON) to write.")],
    spec: Annotated[str, typer.Option("--split", help="As in a study: '{kfold: {folds: 5, seed: 17}}'.")] = "kfold",
    validation: Annotated[float, typer.Option(help="Share of each training part that validates, by group.")] = 0.15,
    exclude: Annotated[list[str] | None, typer.Option(help="contradicted, copies: leave these images out.")] = None,
    dataset: Reader = "busi",
    cache: Cache = CACHE,
) -> None:
    """Split a data set by group and write a certificate: what it was made from, and that no group crosses."""
    import hashlib

    from ultraseg import catalogue, certificates, splits

    for name in exclude or []:
        if name not in EXCLUDED:
            raise ValueError(f"--exclude: {catalogue.unknown(name, EXCLUDED)}")
    resolved = catalogue.resolve("splits", _parsed("--split", spec))
    found = _collect(dataset, root, cache)
    kept = [found.samples[index] for index in splits.included(found.samples, exclude or [])]
    folds = []
    for fold in catalogue.bind("splits", resolved)(kept):
        train, carved = (fold.train, fold.validation) if fold.validation else _carved(kept, fold, validation, resolved)
        folds.append(splits.Fold(train, carved, fold.test))
    made = certificates.certificate(kept, folds, split=resolved, validation=validation, manifest=found.fingerprint)
    certificates.write(output, made)
    for number, fold in enumerate(folds):
        print(f"fold {number}: " + ", ".join(f"{len(part)} {name}" for name, part in fold._asdict().items()))
    digest = hashlib.sha256(output.read_bytes()).hexdigest()
    print(f"{made['statement']}\nwrote {output}; in a study: split: {{file: {{path: {output}, sha256: {digest}}}}}")
    if not made["statement"].startswith("No group"):
        raise typer.Exit(1)


@data_app.command("verify-split")
def verify_split(
    file: Annotated[Path, typer.Argument(help="A split file (JSON).")],
    expected: Annotated[Path, typer.Option("--manifest", help="The manifest that knows the groups.")] = BUSI,
) -> None:
    """Check that no group of a manifest crosses a split; the pairs that do are named, and the exit status tells."""
    from ultraseg import certificates, samples

    rows = samples.read_manifest(expected)
    wrong = certificates.check(file, rows, manifest=samples.fingerprint(rows))
    for sentence in wrong:
        print(sentence)
    print(f"{file}: {len(wrong)} faults" if wrong else f"{file}: no group crosses, by {expected}")
    if wrong:
        raise typer.Exit(1)


@data_app.command("phantom")
def phantom_(
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to make; it must not exist.")],
    images: Annotated[int, typer.Option(help="How many.")] = 780,
    size: Annotated[tuple[int, int], typer.Option(help="Height and width in pixels.")] = (256, 256),
    seed: Annotated[int, typer.Option(help="Another seed draws other phantoms.")] = 0,
) -> None:
    """Draw synthetic breast-ultrasound images with their masks, in BUSI's own folder layout."""
    from ultraseg.datasets.phantom import write

    write(output, images=images, size=size, seed=seed)
    print(f"wrote {images} phantoms (synthetic) to {output}; read them with {{busi: {{complete: false}}}}")


@data_app.command()
def describe(
    root: Folder,
    dataset: Reader = "busi",
    cache: Cache = CACHE,
) -> None:
    """Say what a data set holds: images and masks by label, lesion sizes, copies of one scan, contradictions."""
    from collections import Counter

    found = _collect(dataset, root, cache)
    for label, count in Counter(sample.label for sample in found.samples).items():
        masks = sum(len(sample.masks) for sample in found.samples if sample.label == label)
        print(f"{label}: {count} images, {masks} mask files")
    shares = sorted(100 * sample.lesion for sample in found.samples if sample.lesion)
    if shares:
        middle, last = shares[len(shares) // 2], shares[-1]
        print(f"lesions cover {shares[0]:.1f} to {last:.1f} % of their image, median {middle:.1f} %")
    groups, scans = (Counter(getattr(sample, name) for sample in found.samples) for name in ("group", "scan"))
    copies = sum(count for count in scans.values() if count > 1)
    contradicted = [sample for sample in found.samples if sample.contradicted]
    absent = sum(not _contradicted_here(sample, contradicted) for sample in contradicted)
    print(
        f"{len(found.samples)} images of {found.source} show {len(scans)} scans in {len(groups)} groups; {copies} of "
        f"them have a copy; {len(contradicted) - absent} are contradicted by one"
        + (f", and {absent} by images of the whole data set that are not here" if absent else "")
    )
    for scan, count in scans.items():
        if count > 1:
            print("  one scan: " + ", ".join(_told(s) for s in found.samples if s.scan == scan))


@data_app.command()
def manifest(
    root: Folder,
    output: Annotated[Path, typer.Option("-o", "--output", help="The CSV to write.")],
    dataset: Reader = "busi",
    cache: Cache = CACHE,
) -> None:
    """Compare every image with every other and write the manifest: hashes, label, group, scan, contradictions."""
    from ultraseg.samples import write_manifest

    found = _collect(dataset, root, cache, manifests_in=None)
    write_manifest(output, found.rows)
    print(f"wrote {output}: {len(found.rows)} rows, fingerprint {found.fingerprint[:12]}")


@data_app.command()
def verify(
    root: Folder,
    expected: Annotated[Path, typer.Option("--manifest", help="The manifest to compare with.")] = BUSI,
    dataset: Reader = "busi",
    cache: Cache = CACHE,
) -> None:
    """Compare a data set's pixels, labels and groups with a manifest; the exit status tells."""
    from ultraseg import samples

    found = _collect(dataset, root, cache)
    differences = samples.verify(found.rows, samples.read_manifest(expected))
    for difference in differences:
        print(difference)
    print(f"{len(differences)} differences from {expected}")
    if differences:
        raise typer.Exit(1)


def _contradicted_here(sample, contradicted) -> bool:
    """Whether an image that contradicts it is here: both are in one group, and both are marked for the same."""
    marks = set(sample.contradicted.split())
    return any(s is not sample and s.group == sample.group and marks & {*s.contradicted.split()} for s in contradicted)


def _told(sample) -> str:
    return f"{sample.id} ({sample.contradicted} contradicted)" if sample.contradicted else sample.id


def _collect(dataset: str, root: Path, cache: Path, **options):
    from ultraseg.collection import collect

    return collect(_parsed("--set", dataset), root=root, cache=cache, watch=watched, **options)


def _parsed(option: str, spec: str):
    from ultraseg import schema

    try:
        return schema.parse(spec)
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None


def _carved(samples, fold, share: float, spec) -> tuple[list[int], list[int]]:
    from ultraseg import splits

    return splits.carve(samples, fold.train, share=share, seed=next(iter(spec.values())).get("seed", 0))

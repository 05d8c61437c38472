"""Where CBIS-DDSM's two releases keep the files that its tables name, and how large their pictures are.

The tables name `FOLDER/STUDY/SERIES/000000.dcm`. On Kaggle that is any file of `jpeg/SERIES`; the archive's retriever
writes `CBIS-DDSM/FOLDER`, below it folders named by numbers or by words, and in each `1-1.dcm` and so on. So a path
leads to a folder, not to a file.
"""

import re
from pathlib import Path

from PIL.JpegImagePlugin import JpegImageFile

from ultraseg import dicom
from ultraseg.datasets._tree import Tree

PATH = re.compile(r"(?P<folder>[\w-]+)/\d[\d.]*/(?P<series>\d[\d.]*)/[^/]+")


class Release:
    """The files of a release; each folder is read and each picture measured once."""

    def __init__(self, tree: Tree):
        """Find out which release it is.

        Raises:
            ValueError: it is neither.
        """
        self._tree = tree
        self._jpeg = (tree.root / "jpeg").is_dir()
        self._places = [tree.root / "jpeg"] if self._jpeg else sorted(
            place for pattern in ("CBIS-DDSM", "manifest-*/CBIS-DDSM") for place in tree.root.glob(pattern)
        )  # fmt: skip
        if not self._places:
            raise ValueError(f"{tree.root}: the folder jpeg or CBIS-DDSM is wanted here; name the one that holds it")
        self._files: dict[Path, list[Path]] = {}
        self._sizes: dict[Path, tuple[int, int] | None] = {}

    def files(self, named: str) -> list[Path]:
        """List the pictures of the folder to which a table's path leads.

        Returns:
            Paths, sorted; empty where no such folder is there, or the path is none of CBIS-DDSM's. What is odd in the
            folder is noted, as in `Tree.files`.
        """
        match = PATH.fullmatch(named)
        folders = [place / match["series" if self._jpeg else "folder"] for place in self._places] if match else []
        for folder in folders:
            if folder.is_dir() and folder not in self._files:
                suffix = ".jpg" if self._jpeg else ".dcm"
                self._files[folder] = self._tree.files(folder, suffixes=(suffix,), recursive=not self._jpeg)
        return sorted(path for folder in folders for path in self._files.get(folder, []))

    def size(self, path: Path) -> tuple[int, int] | None:
        """Height and width of a picture in pixels, from its header; None for a broken one, which is noted."""
        if path not in self._sizes:
            self._sizes[path] = self._measured(path)
        return self._sizes[path]

    def _measured(self, path: Path) -> tuple[int, int] | None:
        if not self._jpeg:
            try:
                found = dicom.describe(path)
            except ValueError as error:
                self._tree.faults.append(str(error))  # which names the file
                return None
            return found.height, found.width
        try:
            with JpegImageFile(path) as header:
                return header.height, header.width
        except (SyntaxError, ValueError, OSError):  # Pillow's words for a damaged header
            self._tree.note(path, "not a JPEG that can be read; copy it again from the source")
            return None

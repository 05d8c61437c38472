"""A data set as its publisher offers it: who made it, under which licence, and the parts that it comes in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Download:
    """One file at an address that needs no account.

    `digest` is `md5:...` or `sha256:...` where somebody stated one, and `stated_by` says who; both are empty where
    nobody did. `into` is the folder below the data set's in which the file is unpacked, or put if it is no archive.
    """

    url: str
    file: str
    digest: str = ""
    stated_by: str = ""
    into: str = ""


@dataclass(frozen=True)
class Kaggle:
    """A data set or a competition of Kaggle, fetched with its own client; a competition's rules must be accepted."""

    handle: str
    competition: bool = False
    into: str = ""

    @property
    def file(self) -> str:
        """The name under which its zip file is looked for when it was fetched in a browser."""
        return f"{self.handle.rpartition('/')[2]}.zip"

    @property
    def url(self) -> str:
        """Its page."""
        return f"https://www.kaggle.com/{'competitions' if self.competition else 'datasets'}/{self.handle}"


@dataclass(frozen=True)
class Source:
    """A data set that has a reader, and how it comes here.

    `name` is the reader's. `parts` is empty where nobody but a person can fetch it, and then `by_hand` says how; where
    there are parts `by_hand` may say what else is to be had.
    """

    name: str
    title: str
    licence: str
    citation: str
    home: str
    parts: tuple[Download | Kaggle, ...] = ()
    by_hand: str = ""

    @property
    def way(self) -> str:
        """How it comes here, in a word or two: `download`, `Kaggle`, `download, Kaggle` or `by hand`."""
        words = {"Kaggle" if isinstance(part, Kaggle) else "download" for part in self.parts}
        return ", ".join(sorted(words, reverse=True)) or "by hand"

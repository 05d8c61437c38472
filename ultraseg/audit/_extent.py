"""How large the marked lesion of one sample is."""

from dataclasses import dataclass

from ultraseg.audit._finding import Box


@dataclass(frozen=True)
class Extent:
    """How large the marked lesion of one sample is.

    `share` is the marked part of the image, in [0, 1]; `box` is the bounding box of all components (top, left, height
    and width in pixels), None where nothing is marked; `height` and `width` are the image's.
    """

    id: str
    label: str
    share: float
    components: int
    box: Box | None
    height: int
    width: int

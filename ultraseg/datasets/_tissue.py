"""Breast tissue as maps: how strongly each place scatters, reflects and attenuates ultrasound.

Layers from the skin inwards: skin, subcutaneous fat with its septa, fibroglandular tissue, retromammary fat,
pectoral muscle, chest wall. They are drawn flat, then folded by one smooth displacement, so that septa,
striations and boundaries follow each other. A lesion is an outline with its own values put on top.

Source: Szabo, "Diagnostic ultrasound imaging: inside out" (size of the attenuation of fat, muscle, breast and
fluids); American College of Radiology, BI-RADS ultrasound lexicon (a lesion's shape, orientation, margin,
echo pattern and posterior features).
Departure: scattering strengths, and the attenuation of skin, chest wall and lesions, are chosen so that
pictures look like BUSI's; lesions' shares of the image and positions follow BUSI's masks.
"""

from dataclasses import dataclass

import cv2
import numpy as np

# dB per cm and MHz, in the order of the layers; the last one is bone, cartilage and lung together
ATTENUATION = {"skin": 0.9, "fat": 0.6, "gland": 0.7, "deep fat": 0.6, "muscle": 0.65, "chest wall": 1.5}
# median of a lesion's share of the image, spread of its logarithm, least, most: BUSI's
SHARES = {"benign": (0.0345, 1.25, 0.0025, 0.5), "malignant": (0.121, 0.83, 0.0045, 0.55)}


@dataclass(frozen=True)
class Tissue:
    """Maps of one slice, float32 `[h, w]`.

    `echo_db` is scattering strength, `reflection` the amplitude of smooth interfaces on the same scale
    (1 = 0 dB), `attenuation` in dB per cm and MHz.
    """

    echo_db: np.ndarray
    reflection: np.ndarray
    attenuation: np.ndarray


@dataclass(frozen=True)
class Outline:
    """A lesion's border: its kind (`solid`, `cyst`, `malignant`), points (x, y) in pixels and mask."""

    kind: str
    points: np.ndarray
    mask: np.ndarray


class Grain:
    """Smooth random fields over one slice, about N(0, 1), the size of their features given in mm."""

    def __init__(self, rng, size, depth_mm):
        self.rng, self.size, self.depth_mm = rng, size, depth_mm
        self.pitch = depth_mm / size[0]
        self.wide_mm = self.pitch * size[1]

    def field(self, down_mm, across_mm):
        """A field `[h, w]`."""
        return self._smooth(int(1.6 * self.depth_mm / down_mm) + 2, across_mm, self.size[0])

    def curve(self, across_mm):
        """A row `[1, w]`."""
        return self._smooth(1, across_mm, 1)

    def _smooth(self, rows, across_mm, height):
        columns = int(1.6 * self.wide_mm / across_mm) + 2
        knots = self.rng.standard_normal((rows, columns), dtype=np.float32) * np.float32(1.25)
        return cv2.resize(knots, (self.size[1], height), interpolation=cv2.INTER_CUBIC)


def outline(rng, label, *, size):
    """Draw the border of one lesion.

    Args:
        rng: what the border is drawn from.
        label: "benign" (smooth, oval, wider than tall) or "malignant" (irregular, now and then taller).
        size: the image's height and width in pixels.

    Returns:
        Outline; its mask is uint8 `[h, w]` in {0, 1}, without the spicules that `with_lesion` adds.
    """
    height, width = size
    if label == "malignant":
        kind, rough, harmonics, wide = "malignant", 0.30, np.arange(2, 16), (0.26, 0.27)
    else:
        kind, rough, harmonics, wide = "solid", 0.10, np.arange(2, 5), (0.52, 0.30)
        if rng.random() < 0.3:
            kind = "cyst"
    angle = np.linspace(0, 2 * np.pi, 256, endpoint=False)
    waves = np.cos(harmonics[:, None] * angle + rng.uniform(0, 2 * np.pi, (len(harmonics), 1)))
    radius = np.exp(rough * (rng.standard_normal(len(harmonics)) / harmonics**0.85) @ waves)
    aspect, tilt = np.exp(rng.normal(*wide)), rng.normal(0, 0.2)
    x, y = radius * np.cos(angle) * np.sqrt(aspect), radius * np.sin(angle) / np.sqrt(aspect)
    x, y = x * np.cos(tilt) - y * np.sin(tilt), x * np.sin(tilt) + y * np.cos(tilt)
    area = 0.5 * abs(x @ np.roll(y, 1) - y @ np.roll(x, 1))
    scale = np.sqrt(_share(rng, label) * height * width / area)
    x, y = (x - (x.max() + x.min()) / 2) * scale, (y - (y.max() + y.min()) / 2) * scale
    # what is too tall for the picture is flattened, what is too wide heightened, at the same area
    stretch = min(max(1.0, y.max() / (0.46 * height)), 0.485 * width / x.max())
    x, y = x * stretch, y / stretch
    points = np.stack([x, y], 1) + _centre(rng, x.max(), y.max(), size)
    return Outline(kind, points, _fill([points], size))


def _share(rng, label):
    median, spread, least, most = SHARES[label]
    while True:
        share = median * np.exp(rng.normal(0, spread))
        if least <= share <= most:
            return share


def _centre(rng, half_width, half_height, size):
    """Where a lesion of this size lies: below the skin, near the middle, now and then cut by the side."""
    height, width = size
    top = height * max(0.18 * np.exp(rng.normal(0, 0.55)), 0.045)
    highest = half_height + 0.045 * height
    y = min(max(top + half_height, highest), max(0.98 * height - half_height, highest))
    room = max(width / 2 - half_width - 2, 0.0)
    x = width / 2 + np.clip(rng.normal(0, 0.16 * width), -room, room)
    if rng.random() < 0.02:
        x = width / 2 + rng.choice([-1, 1]) * (width / 2 - 0.6 * half_width)
    return np.array([x, y])


def _fill(polygons, size):
    mask = np.zeros(size, np.uint8)
    for points in polygons:
        cv2.fillPoly(mask, [np.rint((points - 0.5) * 16).astype(np.int32)], 1, shift=4)
    return mask


def breast(rng, *, size, depth_mm, gland_to_mm=0.0):
    """Draw healthy tissue.

    Args:
        rng: what the tissue is drawn from.
        size: the image's height and width in pixels, which are square.
        depth_mm: how deep the last row lies.
        gland_to_mm: muscle lies deeper than this (a lesion's lower end).

    Returns:
        Tissue.
    """
    grain = Grain(rng, size, depth_mm)
    depth = np.arange(size[0], dtype=np.float32)[:, None] * np.float32(grain.pitch)
    skin = rng.uniform(1.2, 2.2)
    fat = skin + rng.uniform(1.5, 9.0)
    gland = max(fat + rng.uniform(5.0, 16.0), gland_to_mm)
    deep_fat = gland + rng.uniform(0.8, 2.5)
    muscle = deep_fat + rng.uniform(5.0, 11.0)
    lower_ends = [
        skin + 0.12 * grain.curve(12.0),
        fat + 0.9 * grain.curve(10.0),
        gland + 0.6 * grain.curve(12.0),
        deep_fat + 0.25 * grain.curve(14.0),
        muscle + 0.5 * grain.curve(14.0),
    ]
    echo, shine = _layers(rng, grain, depth)
    maps = np.empty((*size, 3), np.float32)
    maps[...] = np.stack([echo[0], shine[0], np.full_like(depth, ATTENUATION["skin"])], -1)
    for k, end in enumerate(lower_ends, start=1):
        rows = slice(max(int((end.min() - 0.5) / grain.pitch), 0), None)
        weight = np.clip((depth[rows] - end) * 2 + np.float32(0.5), 0, 1)
        for channel, below in enumerate((echo[k][rows], shine[k][rows], tuple(ATTENUATION.values())[k])):
            maps[rows, :, channel] += weight * (below - maps[rows, :, channel])
    for end, peak in zip(lower_ends, (3.0, 2.2, 1.6, 3.0, 4.5), strict=True):  # fasciae
        rows = slice(max(int((end.min() - 0.5) / grain.pitch), 0), int((end.max() + 0.5) / grain.pitch) + 1)
        run = peak * np.clip(0.7 + 0.8 * grain.curve(7.0), 0, 2)
        maps[rows, :, 1] += run * np.exp(-(((depth[rows] - end) / max(0.13, 0.5 * grain.pitch)) ** 2))
    maps[..., 0] += 2.2 * grain.field(11.0, 11.0)
    lifted = np.clip(grain.curve(6.0) - 0.8, 0, 2) * rng.uniform(0, 1.5)  # poor contact of probe and skin
    maps[..., 2] += lifted * (depth < skin)
    return _folded(rng, grain, depth, maps)


def _layers(rng, grain, depth):
    """Each layer's scattering and reflection, as if it filled the slice."""
    lobules, fibres, streaks = grain.field(3.2, 11.0), grain.field(0.55, 9.0), grain.field(0.4, 5.0)
    septa = _ridges(lobules, 0.13 / grain.pitch) * np.clip(0.9 + 0.9 * grain.field(3.0, 5.0), 0, 2.2)
    bundles = np.clip(streaks - np.float32(0.9), 0, 2)
    strands = np.clip(grain.field(0.5, 2.2) - np.float32(1.2), 0, 2)
    ducts = np.clip(grain.field(1.3, 2.8) - np.float32(0.5), 0, 1.4) * rng.uniform(2, 9)
    dense = np.clip(0.5 + 2.0 * (grain.field(4.5, 8.0) + rng.uniform(-1.0, 1.2)), 0, 1)
    fat = lobules - np.float32(5.0)
    gland = fat + dense * (7 + 1.5 * grain.field(4.0, 6.0) + 2 * grain.field(0.8, 2.4) - ducts - fat)
    echo = [np.full_like(depth, 5.0), fat, gland, fat - 4, 3.5 * fibres - 11, 2 * fibres - 18]
    surface = 4 * np.exp(-(((depth - np.float32(0.25)) / np.float32(0.2)) ** 2))
    shine = [surface, 3 * septa, 1.2 * septa + 1.4 * strands, septa, 1.7 * bundles, 0.5 * bundles]
    return echo, shine


def _ridges(field, half_width):
    """Thin lines where a smooth field changes sign, brightest where they face the beam."""
    down, across = cv2.Sobel(field, -1, 0, 1, scale=1 / 8), cv2.Sobel(field, -1, 1, 0, scale=1 / 8)
    steep = down * down + across * across + np.float32(1e-8)
    facing = down * down / steep
    return np.exp(-field * field / (steep * max(half_width, 0.6) ** 2)) * (0.1 + 0.9 * facing * facing)


def _folded(rng, grain, depth, maps):
    """Displace all layers by one smooth field that leaves the skin flat; steep interfaces reflect less."""
    beams = np.arange(grain.size[1], dtype=np.float32)
    slant = np.float32(rng.normal(0, 0.12) * grain.pitch) * (beams - np.float32(grain.size[1] / 2))
    fold = np.clip(depth / np.float32(0.35 * grain.depth_mm), 0, 1) * (0.75 * grain.field(22.0, 18.0) + slant)
    rows = (depth - fold) / np.float32(grain.pitch)
    columns = np.ascontiguousarray(np.broadcast_to(beams, grain.size))
    maps = cv2.remap(maps, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    slope = cv2.Sobel(fold, -1, 1, 0, scale=1 / 8) / np.float32(grain.pitch)
    return Tissue(maps[..., 0], maps[..., 1] / (1 + (slope / np.float32(0.4)) ** 2), maps[..., 2])


def with_lesion(rng, tissue, border, *, depth_mm):
    """Put a lesion into healthy tissue.

    Args:
        rng: what its inside and margin are drawn from.
        tissue: the healthy slice.
        border: the lesion's outline.
        depth_mm: how deep the last row lies.

    Returns:
        Tissue with the lesion: hypoechoic and encapsulated (solid), without scatterers and hardly attenuating
        (cyst), or spiculated, heterogeneous, strongly attenuating and with an echogenic halo (malignant).
    """
    grain = Grain(rng, tissue.echo_db.shape, depth_mm)
    drawn = border.mask | _spicules(rng, border, grain) if border.kind == "malignant" else border.mask
    inwards = cv2.distanceTransform(drawn, cv2.DIST_L2, 3) * np.float32(grain.pitch)
    outwards = cv2.distanceTransform(1 - drawn, cv2.DIST_L2, 3) * np.float32(grain.pitch)
    lesion = _lesion(rng, grain, border, inwards)
    weight = cv2.GaussianBlur(drawn.astype(np.float32), (0, 0), max(lesion.margin_mm / grain.pitch, 0.4))
    down, across = cv2.Sobel(weight, -1, 0, 1), cv2.Sobel(weight, -1, 1, 0)
    facing = down * down / (down * down + across * across + np.float32(1e-6))
    wall = np.exp(-(((outwards + inwards) / max(0.15, grain.pitch)) ** 2))
    echo = tissue.echo_db + lesion.halo_db * np.exp(-((outwards / np.float32(1.5)) ** 2))
    return Tissue(
        echo + weight * (lesion.echo_db - echo),
        tissue.reflection * (1 - weight) + weight * lesion.foci + lesion.capsule * wall * facing,
        tissue.attenuation
        + weight * (lesion.attenuation - tissue.attenuation)
        + lesion.grazing * wall * (1 - facing) ** 4 * (wall > 0.1),
    )


@dataclass(frozen=True)
class _Lesion:
    """What a lesion does to sound: maps or numbers, in the units of Tissue.

    `capsule` is the reflection of its wall where that faces the beam; `grazing` the attenuation where a beam
    runs along the wall, is bent away and lost (the edge shadow); `foci` the microcalcifications' reflection.
    """

    echo_db: np.ndarray
    attenuation: float
    margin_mm: float = 0.12
    halo_db: float = 0.0
    capsule: float = 0.0
    grazing: float = 0.0
    foci: np.ndarray | float = 0.0


def _lesion(rng, grain, border, inwards):
    if border.kind == "cyst":
        clutter = 12 * np.exp(-inwards) - 32  # scattered in from the wall
        return _Lesion(clutter, attenuation=0.1, capsule=1.2, grazing=3.0)
    if border.kind == "solid":
        even = grain.field(3.0, 4.0) - rng.uniform(7, 12)
        return _Lesion(even, attenuation=rng.uniform(0.4, 0.7), capsule=0.9, grazing=1.0)
    thickness_cm = max(float(np.ptp(border.points[:, 1])) * grain.pitch / 10, 0.5)
    shadow_db = rng.uniform(0, 26)  # beyond what gland would take, at 10 MHz
    return _Lesion(
        echo_db=2.5 * grain.field(2.0, 2.5) - rng.uniform(4, 10),
        attenuation=ATTENUATION["gland"] + shadow_db / (20 * thickness_cm),
        margin_mm=rng.uniform(0.15, 0.6),
        halo_db=4.0,
        foci=np.clip(grain.field(0.6, 0.6) - 3.2, 0, 2) * (8 if rng.random() < 0.5 else 0),
    )


def _spicules(rng, border, grain):
    """Thin tapering rays from a malignant border into the tissue around it."""
    heart = border.points.mean(0)
    rays = []
    for start in rng.integers(0, len(border.points), rng.integers(6, 18)):
        foot = border.points[start]
        out = (foot - heart) / np.linalg.norm(foot - heart)
        side = np.array([-out[1], out[0]])
        tip = foot + (out + rng.normal(0, 0.35) * side) * rng.uniform(1.5, 5.0) / grain.pitch
        half = side * rng.uniform(0.3, 0.6) / grain.pitch
        rays.append(np.stack([foot - out - half, tip, foot - out + half]))
    return _fill(rays, grain.size)

"""Ultrasound image formation: maps of scattering and attenuation in, grey B-mode picture out.

The echo is a linear convolution of scatterers with a pulse whose width depends on depth. Scatterers finer
than the pulse are complex circular Gaussian, so speckle comes by itself; smooth interfaces add up in phase
and have less of it. Shadow and enhancement are not drawn: they are what the losses summed along each beam
leave after a gain that corrects the average beam only.

Source: Wagner, Smith, Sandrik, Lopez, 1983, "Statistics of speckle in ultrasound B-scans" (Gaussian field,
Rayleigh envelope); Jensen, 1996, "Field: a program for simulating ultrasound systems" (scatterers convolved
with a spatially varying point-spread function); Szabo, "Diagnostic ultrasound imaging: inside out" (beam
width, attenuation).
Departure: the point-spread function is a separable Gaussian at baseband, without carrier and side lobes; its
width changes in steps of depth; refraction and multiple scattering are left out.
"""

from dataclasses import dataclass

import cv2
import numpy as np

STEPS = 16  # of depth, in each of which the beam has one width
NARROWEST = 0.4  # standard deviation of a pulse, pixels; anything narrower falls between two of them
GREY_MAP = 1.25  # exponent from level to grey; above 1 it opens up bright tissue, as machines' own curves do
DECIBEL = np.float32(np.log(10) / 20)


@dataclass(frozen=True)
class Scanner:
    """How the machine is set in one examination.

    `frequency_mhz` sets the pulse's length and the loss per centimetre, `f_number` (depth over aperture) the
    beam's width at `focus_mm`; `looks` independent pictures are averaged (spatial compounding); the time-gain
    compensation makes up for the share `corrected` of the average loss; `noise_db` is electronic noise at the
    surface, on the scale of `echo_db`; `dynamic_range_db` spans black to white, and the operator's gain puts
    the median on `median_grey`.
    """

    frequency_mhz: float = 9.5
    f_number: float = 2.8
    focus_mm: float = 18.0
    looks: int = 2
    corrected: float = 0.75
    noise_db: float = -78.0
    dynamic_range_db: float = 57.0
    median_grey: float = 77.0


def picture(rng, tissue, scanner, *, depth_mm):
    """Form the image that the scanner shows.

    Args:
        rng: source of scatterers and noise.
        tissue: has `echo_db`, `reflection` and `attenuation` (dB per cm and MHz), float32 `[h, w]`.
        scanner: the machine's settings.
        depth_mm: how deep the last row lies; pixels are square.

    Returns:
        uint8 `[h, w]`.
    """
    return compressed(envelope(rng, tissue, scanner, depth_mm=depth_mm), scanner)


def envelope(rng, tissue, scanner, *, depth_mm):
    """The detected amplitude after gain and before log compression, float32 `[h, w]`.

    Rayleigh distributed in uniform tissue where `looks` is 1. Noise enters between the losses and the gain,
    so that it rises with depth. It and the scatterers are both Gaussian, so one field is drawn for the two.
    """
    loss = two_way_loss_db(tissue.attenuation, scanner, depth_mm=depth_mm)
    gain = np.float32(scanner.corrected) * loss.mean(axis=1, keepdims=True)
    through = np.exp((gain - loss) * DECIBEL)
    noise = np.exp((gain + np.float32(scanner.noise_db)) * DECIBEL)
    bright = np.exp(tissue.echo_db * DECIBEL)
    # an interface is partly rough: most of its echo is diffuse, some adds up in phase
    coherent = 0.5 * tissue.reflection * through
    power = (bright * bright + (0.85 * tissue.reflection) ** 2) * (through * through) + noise * noise
    parts = cv2.split(echoes(rng, np.sqrt(power), coherent, scanner, depth_mm=depth_mm))
    looks = [cv2.magnitude(real, imaginary) for real, imaginary in zip(parts[::2], parts[1::2], strict=True)]
    return sum(looks) / np.float32(scanner.looks)


def two_way_loss_db(attenuation, scanner, *, depth_mm):
    """Loss on the way down and back, dB, `[h, w]`: summed along each beam and averaged over its aperture."""
    pitch = depth_mm / attenuation.shape[0]
    loss = cv2.transpose(np.cumsum(cv2.transpose(attenuation), axis=1))  # along memory, which is faster
    loss *= np.float32(2 * scanner.frequency_mhz * pitch / 10)
    return cv2.GaussianBlur(loss, (0, 0), sigmaX=max(0.7 / pitch, 0.3), sigmaY=0.3)


def echoes(rng, diffuse, coherent, scanner, *, depth_mm):
    """Scatterers convolved with the pulse, float32 `[h, w, 2 * looks]`: real and imaginary part of each look.

    Args:
        rng: source of the scatterers.
        diffuse: root mean square of the scatterers at each place, float32 `[h, w]`; the echo's is the same.
        coherent: amplitude that adds up in phase, float32 `[h, w]`.
        scanner: the machine's settings.
        depth_mm: how deep the last row lies.
    """
    height, width = diffuse.shape
    pitch = depth_mm / height
    length = max(0.81 / scanner.frequency_mhz / pitch, NARROWEST)  # a pulse 1.2 wavelengths long
    edges = np.linspace(0, height, STEPS + 1).astype(int)
    beams = np.maximum(beam_mm((edges[1:] + edges[:-1]) / 2 * pitch, scanner) / pitch, NARROWEST)
    field = rng.standard_normal((height, width, 2 * scanner.looks), dtype=np.float32)
    field *= (diffuse * np.float32(np.sqrt(0.5)))[..., None]
    in_phase = coherent / np.sqrt(np.repeat(beams, np.diff(edges)), dtype=np.float32)[:, None]
    field[..., ::2] += in_phase[..., None]
    field = _spread(field, length, axis=0)
    for top, bottom, beam in zip(edges[:-1], edges[1:], beams, strict=True):
        field[top:bottom] = _spread(field[top:bottom], beam, axis=1)
    return field


def beam_mm(depth_mm, scanner):
    """The beam's lateral standard deviation at a depth: smallest at the focus, wider above and below it."""
    wavelength_mm = 1.54 / scanner.frequency_mhz  # sound travels 1540 m/s
    waist = 0.33 * scanner.f_number * wavelength_mm
    away = (depth_mm - scanner.focus_mm) / (1.2 * scanner.focus_mm)
    return waist * np.sqrt(1 + away * away)


def _spread(field, sigma, *, axis):
    """Convolve along one axis with a Gaussian of unit energy, which keeps the speckle's mean power."""
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel = (kernel / np.sqrt(np.sum(kernel**2))).astype(np.float32)
    along, still = kernel, np.ones(1, np.float32)
    across, down = (along, still) if axis == 1 else (still, along)
    return cv2.sepFilter2D(field, -1, across, down, borderType=cv2.BORDER_REFLECT_101)


def compressed(amplitude, scanner):
    """Display filter, logarithm and 8 bits, uint8 `[h, w]`."""
    level = np.log(np.maximum(cv2.GaussianBlur(amplitude, (3, 3), 0.55), np.float32(1e-6))) / DECIBEL
    middle = (scanner.median_grey / 255) ** (1 / GREY_MAP)
    shown = (level - np.median(level[::2, ::2])) / np.float32(scanner.dynamic_range_db) + np.float32(middle)
    return np.rint(cv2.pow(np.clip(shown, 0, 1), GREY_MAP) * 255).astype(np.uint8)

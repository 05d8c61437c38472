"""The peer of bench/pipeline.py: PyTorch's `DataLoader` with torchvision's v2 transforms, in a process of its own.

    PYTHON bench/_torch_pipeline.py FILES IMAGES MASKS

FILES is JSON: the image and the masks of each sample. IMAGES and MASKS are `.npy`, the same samples decoded, which the
second question holds in memory. It is run by a Python that has PyTorch and torchvision and not this package. At first
it tries every way of its own on a part of the samples and says what each brought; then every line on stdin, `files` or
`memory`, is answered with the seconds of an epoch by the best way and what the batches were.
"""

import itertools
import json
import sys
import time
from pathlib import Path

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from torchvision import tv_tensors
from torchvision.io import ImageReadMode, decode_image
from torchvision.transforms import v2

SIZE, BATCH, THREADS, PREFETCH, TRIED = 256, 8, 2, 4, 240
WORKERS = (0, 1, 2)
READERS = ("PIL, image kept as PIL", "PIL, image as tensor", "torchvision.io")
HELD = ("array as PIL", "array as tensor")


class FromFiles(torch.utils.data.Dataset):
    """PNG files, decoded at every visit; masks are united, then image and mask resized and augmented together."""

    def __init__(self, samples, reader):
        self.samples, self.read = samples, _from_torchvision if reader == READERS[2] else _from_pil
        self.to_tensor = v2.ToImage() if reader == READERS[1] else v2.Identity()
        self.resize, self.augment = v2.Resize((SIZE, SIZE), antialias=True), augmentation()

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        image, mask = self.read(*self.samples[index])
        return self.augment(*self.resize(self.to_tensor(image), mask))


class FromMemory(torch.utils.data.Dataset):
    """Decoded and resized arrays, augmented at every visit."""

    def __init__(self, images, masks, way):
        self.images, self.masks, self.pil, self.augment = images, masks, way == HELD[0], augmentation()

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        if self.pil:
            image = Image.fromarray(self.images[index, ..., 0])
        else:
            image = tv_tensors.Image(torch.from_numpy(self.images[index, ..., 0])[None])
        return self.augment(image, tv_tensors.Mask(torch.from_numpy(self.masks[index])[None]))


def augmentation():
    """Flip, rotation with zoom and shift in one warp, brightness and contrast; then float32 tensors."""
    return v2.Compose(
        [
            v2.RandomHorizontalFlip(0.5),
            v2.RandomAffine(15, translate=(0.15, 0.15), scale=(1.0, 1.3), interpolation=v2.InterpolationMode.BILINEAR),
            v2.ColorJitter(brightness=0.2, contrast=0.2),
            v2.ToImage(),
            v2.ToDtype({tv_tensors.Image: torch.float32, tv_tensors.Mask: torch.float32}, scale=True),
        ]
    )


def _from_pil(image, masks):
    picture = Image.open(image).convert("L")
    united = np.zeros(picture.size[::-1], bool)
    for mask in masks:
        united |= np.asarray(Image.open(mask).convert("L")) > 127
    return picture, tv_tensors.Mask(torch.from_numpy(united.view(np.uint8))[None])


def _from_torchvision(image, masks):
    picture = decode_image(image, ImageReadMode.GRAY)
    united = torch.zeros(picture.shape, dtype=torch.bool)
    for mask in masks:
        united |= decode_image(mask, ImageReadMode.GRAY) > 127
    return tv_tensors.Image(picture), tv_tensors.Mask(united.to(torch.uint8))


def loader(dataset, workers):
    """The usual loader: shuffled batches; workers stay from epoch to epoch."""
    more = {"persistent_workers": True, "prefetch_factor": PREFETCH} if workers else {}
    return torch.utils.data.DataLoader(dataset, BATCH, shuffle=True, num_workers=workers, **more)


def epoch(batches):
    """Seconds of an epoch."""
    start = time.perf_counter()
    for _ in batches:
        pass
    return time.perf_counter() - start


def seen(batches):
    """What an epoch consists of."""
    images, masks = (torch.cat(part) for part in zip(*batches, strict=True))
    return {
        "images": len(images),
        "pixels": [images[0].numel(), masks[0].numel()],
        "types": [str(part.dtype).removeprefix("torch.") for part in (images, masks)],
        "range": [round(float(edge), 2) for edge in (images.min(), images.max())],
        "masks": torch.unique(masks).tolist(),
    }


def ways(samples, images, masks):
    """Every way to ask for batches: question, name, a dataset of the first samples asked for, workers."""
    readers = READERS if _has_decoder(samples[0][0]) else READERS[:2]
    for reader, workers in itertools.product(readers, WORKERS):
        yield "files", reader, lambda number, reader=reader: FromFiles(samples[:number], reader), workers
    for held, workers in itertools.product(HELD, WORKERS):
        yield "memory", held, lambda number, held=held: FromMemory(images[:number], masks[:number], held), workers


def _has_decoder(path):
    """Whether this torchvision came with decoders that fit this PyTorch."""
    try:
        decode_image(path)
    except RuntimeError:
        return False
    return True


def main() -> None:
    """Try every way, then answer."""
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    samples = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    images, masks = (np.load(path) for path in sys.argv[2:4])
    masks = (masks > 127).astype(np.uint8)
    tried, best = [], {}
    spread = np.random.default_rng(0).permutation(len(samples))  # the data set's folders differ in the files' size
    shuffled = [samples[index] for index in spread], images[spread], masks[spread]
    for question, name, dataset, workers in ways(*shuffled):
        batches = loader(dataset(TRIED), workers)
        epoch(batches)  # workers start and files come into the page cache
        speed = min(TRIED, len(samples)) / epoch(batches)
        tried.append([question, name, workers, speed])
        if speed > best.get(question, [0])[0]:
            best[question] = speed, dataset, workers
    chosen = {question: loader(dataset(len(samples)), workers) for question, (_, dataset, workers) in best.items()}
    facts = {question: seen(batches) for question, batches in chosen.items()}
    versions = f"PyTorch {torch.__version__}, torchvision {torchvision.__version__}, Pillow {PIL.__version__}"
    print(json.dumps([versions, tried, facts]), flush=True)
    for line in sys.stdin:
        print(json.dumps(epoch(chosen[line.strip()])), flush=True)


if __name__ == "__main__":
    main()

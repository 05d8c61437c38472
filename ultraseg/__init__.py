"""Studies of segmentation networks on biomedical images, breast ultrasound first."""

__version__ = "0.1.0"

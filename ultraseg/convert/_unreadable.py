"""What Keras and h5py raise of a file that is damaged or laid out otherwise."""

UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError)

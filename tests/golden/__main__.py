"""Write the golden files; read the difference before it is committed."""

from tests.golden import resolved, training

if __name__ == "__main__":
    resolved.write()
    training.write()

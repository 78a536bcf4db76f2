"""With this folder you can: train a network on a laptop or on many machines, stop at any moment and go on."""

__all__: list[str] = []

"""With this folder you can: build networks whose first layers are wavelets, beside the networks they
change.
"""

__all__: list[str] = []

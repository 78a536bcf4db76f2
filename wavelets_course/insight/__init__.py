"""With this folder you can: look inside trained networks, and measure what they ignore and what they cost."""

__all__: list[str] = []

"""With this folder you can: minimise a differentiable function of one tensor, and see how it went."""

from .history import History as History
from .loop import Method as Method
from .loop import minimise as minimise
from .schedules import step_decay as step_decay

__all__ = ["History", "Method", "minimise", "step_decay"]

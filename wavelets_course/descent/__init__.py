"""With this folder you can: minimise a differentiable function of one tensor, or many of them side by side,
and see how it went.
"""

from .each import minimise_each as minimise_each
from .history import History as History
from .loop import Method as Method
from .loop import minimise as minimise
from .schedules import step_decay as step_decay

__all__ = ["History", "Method", "minimise", "minimise_each", "step_decay"]

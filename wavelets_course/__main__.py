"""Run the command line as ``python -m wavelets_course``."""

from .cli import app

if __name__ == "__main__":
    app(prog_name="wavelets-course")

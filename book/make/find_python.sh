#!/bin/sh
# Print a Python that can make the environment: $1 if given, else the one in .venv, else the first that fits.
# It is called before anything else exists, so it is plain POSIX shell.

fits='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
range='Python 3.11, 3.12 or 3.13'

if [ -n "$1" ]; then
  if "$1" -c "$fits" 2>/dev/null; then echo "$1"; exit 0; fi
  echo "make: PYTHON=$1 is not $range with venv; leave PYTHON out, or name one that is." >&2
  exit 1
fi

for python in .venv/bin/python python3 python3.13 python3.12 python3.11 python; do
  if "$python" -c "$fits" 2>/dev/null; then echo "$python"; exit 0; fi
done

found=$(python3 --version 2>/dev/null) || found='no python3'
if python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
  echo "make: $found is here, but without venv and pip." >&2
  echo "  Debian, Ubuntu: sudo apt-get install python3-venv" >&2
else
  echo "make: this needs $range; found $found." >&2
  echo "  Debian, Ubuntu: sudo apt-get install python3 python3-venv    Others: https://www.python.org/downloads" >&2
  echo "  If you have one elsewhere: make PYTHON=/path/to/python3.12 ..." >&2
fi
exit 1

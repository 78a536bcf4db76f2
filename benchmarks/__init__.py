"""With this folder you can: time the package beside its peers beside what bounds it, and over sizes."""

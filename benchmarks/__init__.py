"""With this folder you can: time the package beside its peers, in one run, as ratios."""

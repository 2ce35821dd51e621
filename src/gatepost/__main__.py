"""python -m gatepost."""

from gatepost.surface.cli import main

main()

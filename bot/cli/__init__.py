"""The commands of `python -m bot`, a module or folder each."""

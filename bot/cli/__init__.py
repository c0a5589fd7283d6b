"""The commands of `python -m bot`, a module or folder each; `command_line` finds the one that was typed."""

"""Figures from finished repair sessions: plain records in, plain records out. A library: no Django, no I/O."""

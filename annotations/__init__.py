"""The human side: the workspace, the event log, the measures."""

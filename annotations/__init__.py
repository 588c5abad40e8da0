"""The human side: repair sessions, their event log, and what is read out of it."""

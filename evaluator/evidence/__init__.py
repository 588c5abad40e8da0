"""What a run leaves behind that confirms or contradicts the program text: tables, rows, keys, and the SQL it sent.

Everything here was written by a backend and is hostile until proven otherwise: it is read unprivileged, in bounded time
and amount, after the first verdict was told. What could not be read is unknown and never a finding. May import the
sandbox and the services; verifiers of the text know nothing of it. docs/verifiers.md states the rules.
"""

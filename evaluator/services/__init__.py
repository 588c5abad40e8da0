"""What a backend may ask for beside its own process. One file per service."""

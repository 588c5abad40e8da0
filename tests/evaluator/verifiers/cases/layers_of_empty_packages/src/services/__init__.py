"""Services live here."""

cd src && python -m main

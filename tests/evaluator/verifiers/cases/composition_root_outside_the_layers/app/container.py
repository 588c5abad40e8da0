from app.repositories.articles import rows
from app.services.articles import everything

SERVICES = (everything, rows)

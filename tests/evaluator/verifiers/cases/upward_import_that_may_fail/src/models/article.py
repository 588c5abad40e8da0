try:
    from ..services import articles as rules
except ImportError:
    rules = None


class Article:
    rules = rules

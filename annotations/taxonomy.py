"""Root causes in the benchmark's two levels: what kind of failure, and for errors of logic, what kind of logic.

The ids are the benchmark's own, so that labels of people and those of its judge can be compared; the words are ours.
Pure: no Django.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """A place in the taxonomy: its id, its words, a sentence that tells it from its neighbours, and those below it."""

    id: str
    title: str
    sentence: str
    within: tuple[Category, ...] = ()


LOGIC = (
    Category("auth_misconfiguration", "Authentication", "Header scheme, token, or middleware on public routes."),
    Category("incorrect_query_logic", "Query", "Filter, join, pagination or types of a query are wrong."),
    Category("state_propagation_failure", "State not carried on", "Ids, slugs, tokens or changes get lost on the way."),
    Category("database_runtime_error", "Database at run time", "Driver or ORM misused at run time, missing tables."),
    Category("framework_idiosyncrasy", "Framework's own way", "A habit of the framework, such as refusing empty JSON."),
    Category("business_logic_defect", "Rule of the contract", "Any other mismatch with what the contract says."),
)
CATEGORIES = (
    Category("server_startup_failure", "Does not start", "The server never answers."),
    Category("incomplete_implementation", "Incomplete", "Endpoints are absent."),
    Category("constraint_violation", "Constraint violated", "It works, but breaks a structural rule."),
    Category("schema_format_error", "Shape of the answer", "The JSON does not have the documented shape."),
    Category("logic_error", "Logic", "The right shape, but it behaves wrongly.", LOGIC),
    Category("stuck_in_loop", "Generator went in circles", "The generator made no progress."),
    Category("premature_termination", "Generator stopped early", "It gave up, or its budget was spent."),
    Category("other", "Another cause", "None of these; say which in the detail."),
)


def title_of(category: str, subcategory: str = "") -> str:
    """“Logic: Query”. Raises KeyError for a place that the taxonomy does not have."""
    coarse = {one.id: one for one in CATEGORIES}[category]
    if not subcategory:
        return coarse.title
    return f"{coarse.title}: {({one.id: one for one in coarse.within}[subcategory]).title}"


def refuses(category: str, subcategory: str) -> str:
    """Why this is no place in the taxonomy, in a sentence; empty where it is one."""
    try:
        title_of(category, subcategory)
    except KeyError:
        return f"The taxonomy has no “{f'{category} / {subcategory}'.strip(' /')[:120]}”."
    return ""

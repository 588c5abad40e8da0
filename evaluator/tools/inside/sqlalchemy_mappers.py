"""Imports the modules that map classes, configures the mappers and follows every foreign key.

`sqlalchemy_mappers.py {"root": FOLDER, "modules": [NAME]}` prints a list of findings as JSON, and nothing else: what
the backend prints goes to standard error.
"""

import gc
import importlib
import inspect
import json
import os
import re
import sys
import traceback
import warnings

answer = os.dup(1)
os.dup2(2, 1)
# Without a database, these say nothing about the code.
NO_DATABASE = ("OperationalError", "ConnectionRefusedError", "gaierror", "InterfaceError", "TimeoutError")


def main(order):
    sys.path.insert(0, order["root"])
    os.chdir("/app")
    found = []
    for module in order["modules"]:
        found += imported(module)
    found += configured()
    found += keys()
    with os.fdopen(answer, "w") as file:
        json.dump(found, file)
    sys.stderr.flush()
    os._exit(0)


def imported(module):
    try:
        importlib.import_module(module)
    except SystemExit:
        return []
    except Exception as error:  # whatever the backend does when it is imported
        causes = {type(one).__name__ for one in chain(error)}
        if causes & set(NO_DATABASE):
            return []
        return [raised("import", f"“{module}” cannot be imported", error)]
    return []


def chain(error):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def configured():
    from sqlalchemy import exc, orm

    found = []
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", exc.SAWarning)
        try:
            orm.configure_mappers()
        except Exception as error:  # the backend's own classes and listeners run in it
            found.append(at_class("configure_mappers", "error", f"The mappers cannot be configured: {error}"))
    for warning in told:
        if issubclass(warning.category, exc.SAWarning):
            found.append(at_class("configure_mappers", "warning", str(warning.message)))
    return found


def keys():
    """Foreign keys that lead nowhere, and those whose column is of another kind than the one they name."""
    from sqlalchemy import MetaData

    found = []
    for metadata in [thing for thing in gc.get_objects() if type(thing) is MetaData or isinstance(thing, MetaData)]:
        for table in metadata.tables.values():
            for key in table.foreign_keys:
                place = place_of_table(table)
                name = f"{table.name}.{key.parent.name}"
                try:
                    target = key.column
                except Exception as error:  # so do they when a key is looked up
                    found.append(
                        finding("foreign-key", "error", f"The foreign key of {name} leads nowhere: {error}", place)
                    )
                    continue
                own, other = key.parent.type, target.type
                if own._type_affinity is not other._type_affinity:
                    kinds = f"{own.__class__.__name__}, {key.target_fullname} is {other.__class__.__name__}"
                    found.append(finding("foreign-key-type", "warning", f"{name} is {kinds}", place))
    return found


def mapped_classes():
    from sqlalchemy.orm import Mapper

    return [thing.class_ for thing in gc.get_objects() if isinstance(thing, Mapper)]


def place_of_table(table):
    for mapped in mapped_classes():
        if getattr(mapped, "__table__", None) is table:
            return place_of(mapped)
    return "", 0


def at_class(rule, severity, message):
    """A finding at the mapped class that a message of SQLAlchemy names first."""
    named = re.search(r"Mapper\[(\w+)|[Mm]apped class (\w+)|relationship [\"']?(\w+)\.|class (\w+)->", message)
    name = next(filter(None, named.groups()), "") if named else ""
    for mapped in mapped_classes():
        if mapped.__name__ == name:
            return finding(rule, severity, message, place_of(mapped))
    return finding(rule, severity, message, ("", 0))


def place_of(mapped):
    try:
        path, line = inspect.getsourcefile(mapped), inspect.getsourcelines(mapped)[1]
    except (TypeError, OSError):
        return "", 0
    return (path, line) if path and path.startswith("/app/") else ("", 0)


def raised(rule, what, error):
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("/app/")]
    own = [frame for frame in own if not frame.filename.startswith("/app/.amend/")]
    place = (own[-1].filename, own[-1].lineno) if own else ("", 0)
    if isinstance(error, SyntaxError) and str(error.filename).startswith("/app/"):
        place = (error.filename, error.lineno or 0)
    return finding(rule, "error", f"{what}: {type(error).__name__}: {error}", place)


def finding(rule, severity, message, place):
    return {"rule": rule, "severity": severity, "message": message[:600], "path": place[0], "line": place[1]}


main(json.loads(sys.argv[1]))

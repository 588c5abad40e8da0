"""Asks Django about the project in /app: `django_checks.py check|migrations SETTINGS FILE_THAT_NAMES_THEM`.

Prints a list of findings as JSON, and nothing else: what the project prints goes to standard error.
"""

import inspect
import io
import json
import os
import sys
import traceback

answer = os.dup(1)
os.dup2(2, 1)


def main(asked, settings, named_in):
    folder = os.path.join("/app", os.path.dirname(named_in))
    sys.path[:0] = [folder, "/app"] if folder.rstrip("/") != "/app" else ["/app"]
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    try:
        import django

        django.setup()
        found = check() if asked == "check" else migrations()
    except Exception as error:  # whatever the project does wrong at its start
        found = [raised(error)]
    with os.fdopen(answer, "w") as file:
        json.dump(found, file)
    sys.stderr.flush()
    os._exit(0)


def check():
    from django.core import checks

    levels = {checks.CRITICAL: "error", checks.ERROR: "error", checks.WARNING: "warning"}
    found = []
    for message in checks.run_checks():
        path, line = place_of(message.obj)
        words = " ".join(filter(None, [str(message.msg), str(message.hint or "")]))
        found.append(
            {"rule": message.id or "check", "severity": levels.get(message.level, "note"), "message": words}
            | {"path": path, "line": line}
        )
    return found


def migrations():
    from django.apps import apps
    from django.core.management import call_command

    told = io.StringIO()
    try:
        call_command("makemigrations", check_changes=True, dry_run=True, interactive=False, stdout=told, no_color=True)
    except SystemExit:
        pass
    else:
        return []
    found, label = [], ""
    for line in told.getvalue().splitlines():
        if line.startswith("Migrations for '"):
            label = line.split("'")[1]
        elif label and line.strip().startswith(("-", "+", "~")):
            config = apps.get_app_config(label)
            path, number = place_of(config.models_module)
            message = f"The models of “{label}” are ahead of its migrations: {line.strip(' -+~')}."
            found.append(
                {"rule": "makemigrations", "severity": "error", "message": message, "path": path, "line": number}
            )
    return found


def place_of(thing):
    """The file and line of a model, the model of a field, or a module; nothing for anything else."""
    thing = getattr(thing, "model", thing)
    try:
        path = inspect.getsourcefile(thing)
        line = 0 if inspect.ismodule(thing) else inspect.getsourcelines(thing)[1]
    except (TypeError, OSError):
        return "", 0
    return (path, line) if path and path.startswith("/app/") else ("", 0)


def raised(error):
    """An exception as a finding, at the deepest line of the project's own."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("/app/")]
    own = [frame for frame in own if not frame.filename.startswith("/app/.amend/")]
    path, line = (own[-1].filename, own[-1].lineno) if own else ("", 0)
    if isinstance(error, SyntaxError) and str(error.filename).startswith("/app/"):
        path, line = error.filename, error.lineno or 0
    message = f"The project cannot be set up: {type(error).__name__}: {error}"
    return {"rule": "setup", "severity": "error", "message": message, "path": path, "line": line}


main(*sys.argv[1:])

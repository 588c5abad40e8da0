"""What people enter about studies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import validate_slug

from accounts.models import Person
from evaluator.errors import UnknownTask
from evaluator.faults import Fault
from evaluator.tasks import MOST_ID_CHARACTERS, all_tasks, task_by_id
from studies.access import annotators_of
from studies.models import Backend, SeededUse, Study
from studies.seeding import faults_to_seed


class ImportForm(forms.Form):
    """A zip of a backend. The task is the archive's name unless one is given."""

    archive = forms.FileField(label="Zip archive of the backend", widget=forms.FileInput(attrs={"accept": ".zip"}))
    task_id = forms.CharField(
        label="Task",
        required=False,
        max_length=MOST_ID_CHARACTERS,
        widget=forms.TextInput(attrs={"list": "known-tasks", "autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(label="Name", required=False, max_length=160, validators=[validate_slug])

    @property
    def known_tasks(self) -> list[str]:
        """What may be suggested for the task; further constraints may stand behind each."""
        return list(all_tasks())

    def clean_task_id(self) -> str:
        given: str = self.cleaned_data["task_id"]
        try:
            return task_by_id(given).id if given else ""
        except UnknownTask as error:
            raise forms.ValidationError(str(error)) from error


class AssignForm(forms.Form):
    """Backends to append to an annotator's order of work."""

    annotator = forms.ModelChoiceField(queryset=Person.objects.none(), label="Annotator", empty_label=None)
    backends = forms.ModelMultipleChoiceField(queryset=Backend.objects.none(), label="Backends")

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, queryset in (("annotator", annotators_of(study)), ("backends", study.backends.all())):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = queryset
        self.fields["backends"].error_messages["required"] = "Choose one backend or more."


class SeedForm(forms.Form):
    """Faults to put into a study, what for, and who gets them."""

    faults = forms.MultipleChoiceField(label="Faults", error_messages={"required": "Choose one fault or more."})
    use = forms.ChoiceField(label="What for", choices=SeededUse.choices, initial=SeededUse.PRACTICE)
    annotators = forms.ModelMultipleChoiceField(queryset=Person.objects.none(), label="Annotators", required=False)

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        faults, annotators = self.fields["faults"], self.fields["annotators"]
        assert isinstance(faults, forms.MultipleChoiceField) and isinstance(annotators, forms.ModelMultipleChoiceField)
        groups: list[Any] = [
            (category.title.capitalize(), [(fault.id, _described(fault)) for fault in of_category])
            for category, of_category in faults_to_seed(study).items()
        ]
        faults.choices = groups
        annotators.queryset = annotators_of(study)
        annotators.initial = annotators.queryset


def _described(fault: Fault) -> str:
    return f"{fault.task.framework.title} L{fault.task.level}: {fault.title} ({fault.visible_with}, {fault.difficulty})"

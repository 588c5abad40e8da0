"""A person and the role that decides which pages they find."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    ANNOTATOR = "annotator", "Annotator"
    RESEARCHER = "researcher", "Researcher"
    TEAM_LEAD = "team_lead", "Team lead"


class Person(AbstractUser):
    """Somebody who signs in. `pseudonym` is what studies and exports show; the user name never leaves the site."""

    role = models.CharField(max_length=20, choices=Role, default=Role.ANNOTATOR)
    pseudonym = models.CharField(max_length=40, unique=True)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email", "pseudonym"]

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def is_researcher(self) -> bool:
        return self.role == Role.RESEARCHER

    @property
    def is_team_lead(self) -> bool:
        return self.role == Role.TEAM_LEAD

    @property
    def sees_reports(self) -> bool:
        """Researchers run studies; team leads read what came out."""
        return self.role in {Role.RESEARCHER, Role.TEAM_LEAD}

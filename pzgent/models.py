"""What the portal itself remembers: which entries of the starting content it has loaded."""

from django.db import models


class PlanRecord(models.Model):
    """An entry of the starting content as it was last loaded.

    Comparing these values with the row tells what an editor changed since; that is never overwritten.
    """

    model = models.CharField(max_length=60)
    key = models.CharField(max_length=400)
    object_id = models.CharField(max_length=40)
    values = models.JSONField(default=dict)

    class Meta:
        ordering = ["model", "key"]
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="pzgent_planrecord_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"

"""Validation of rows before they are written, and their comparison with the loaded values."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, connection, models
from mptt.exceptions import InvalidMove

from pzgent.kernel.trees import TREE_COLUMNS, TreeNode
from pzgent.kernel.wholes import Whole
from pzgent.models import PlanRecord
from pzgent.starting_content.content import PARENT_FIELDS, ContentEntry

# Exceptions raised by the database, or by validation that queries it, for a row that conflicts with other rows.
REFUSALS = (IntegrityError, ObjectDoesNotExist, InvalidMove, ValidationError, ValueError)

Model = type[models.Model]


class RefusedError(Exception):
    """Raised for a row that is valid by itself, but conflicts with stored rows."""


def whole_of(row: models.Model) -> Whole | None:
    """Return the whole that a row is validated with: the row itself, or an instance of its parent with only a key."""
    if type(row) not in PARENT_FIELDS:
        return row if isinstance(row, Whole) else None
    column: Any = row._meta.get_field(PARENT_FIELDS[type(row)])
    whole = column.related_model(pk=getattr(row, column.attname))
    return whole if isinstance(whole, Whole) else None


def is_touched_by_others(records: dict[str, PlanRecord], rows: dict[str, models.Model]) -> bool:
    """Return whether anything other than a load wrote or deleted rows of a model."""
    return {record.object_id for record in records.values()} != set(rows) or any(
        stored_values(rows[record.object_id], record.values, with_links=False)
        != {name: record.values[name] for name in _columns_among(rows[record.object_id], record.values)}
        for record in records.values()
    )


def _columns_among(row: models.Model, names: Iterable[str]) -> list[str]:
    columns = {column.name for column in row._meta.concrete_fields}
    return [name for name in names if name in columns]


def clean_row(row: models.Model) -> None:
    """Validate a row with its model's `clean`. Raise ValidationError, or RefusedError if other rows were queried."""
    if isinstance(row, TreeNode):
        return  # validated when it is saved
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        asked.append(sql)
        return execute(sql, *args)

    try:
        with connection.execute_wrapper(note):
            row.clean()
    except ObjectDoesNotExist as error:
        raise RefusedError(str(error)) from error
    except ValidationError as error:
        if asked:
            raise RefusedError(" ".join(error.messages)) from error
        raise


def reason_of(row: models.Model, error: Exception) -> str:
    """Return why a row was refused, with the error messages of its model if it has any for this."""
    try:
        row.validate_unique()
        row.validate_constraints()
    except ValidationError as told:
        return " ".join(told.messages)
    except ObjectDoesNotExist:
        pass
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def has_twin(row: models.Model, others: Iterable[models.Model]) -> bool:
    """Return whether one of the other rows has the same value of a unique field or unique constraint."""
    sets: list[tuple[tuple[str, ...], models.Q | None]] = [
        ((column.name,), None) for column in row._meta.concrete_fields if column.unique
    ]
    sets += [
        (tuple(constraint.fields), constraint.condition)
        for constraint in row._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields
    ]

    def values_of(item: models.Model, names: Sequence[str]) -> list[Any]:
        columns: list[Any] = [item._meta.get_field(name) for name in names]
        return [getattr(item, column.attname) for column in columns]

    def holds(condition: models.Q | None, item: models.Model) -> bool:
        values = {column.name: getattr(item, column.attname) for column in item._meta.concrete_fields}
        return condition is None or condition.check(values)

    return any(
        None not in values_of(row, names)
        and values_of(row, names) == values_of(other, names)
        and holds(condition, row)
        and holds(condition, other)
        for names, condition in sets
        for other in others
        if other is not row
    )


def check_constraints(row: models.Model) -> None:
    """Raise ValidationError if the row violates a check constraint."""
    for constraint in row._meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            constraint.validate(type(row), row)


def as_text(value: Any) -> str:
    """Return a text unchanged, and a list of texts joined by newlines."""
    return "\n".join(str(item) for item in value) if isinstance(value, list) else value


def tree_columns(model: Model) -> set[str]:
    """Return the columns that a tree maintains itself."""
    return set(TREE_COLUMNS) if issubclass(model, TreeNode) else set()


def stored_values(row: Any, names: Iterable[str], with_links: bool = True) -> dict[str, Any]:
    """Return fields of a row as strings for later comparison; many-to-many lists as sorted primary keys."""
    values: dict[str, Any] = {}
    for name in names:
        try:
            column = row._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if isinstance(column, models.ForeignKey):
            key = getattr(row, column.attname)
            values[name] = None if key is None else str(key)
        elif isinstance(column, models.DecimalField) and getattr(row, name) is not None:
            # Normalized: 7 and 7.00 are the same number.
            values[name] = f"{column.to_python(getattr(row, name)).normalize():f}"
        elif not column.many_to_many:
            values[name] = column.value_to_string(row)
        elif with_links:
            values[name] = sorted(str(pk) for pk in getattr(row, name).values_list("pk", flat=True))
    return values


def sentences_of(entry: ContentEntry, error: ValidationError) -> list[str]:
    """Return one line per error, with the file, the entry, the field and the message."""
    if not hasattr(error, "error_dict"):
        return [f"{entry.place}: {message}" for message in error.messages]
    return [
        f"{entry.place}: field “{name}”: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]

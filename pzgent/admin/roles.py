"""The five roles of the editors' desk: groups with Dutch names, which may be changed afterwards."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop, override

from pzgent.kernel.editing.rights import TRANSLATE
from pzgent.kernel.editing.second_person import PUBLISH, SOLO
from pzgent.models import Role

# The roles that start with the rights on an action instead of a model.
HOLDERS = {
    PUBLISH: ("publisher",),
    SOLO: ("publisher", "editor", "translator"),
    TRANSLATE: ("publisher", "translator"),
}
READ = frozenset({"view"})
EDIT = READ | {"add", "change", "delete", "export", "restore"}
# Apps whose models are content, and the portal's own models that are.
CONTENT_APPS = ("organisation", "projects", "contact")
SHARED_MODELS = ("synonymring", "bundle")
PUBLIC_MODELS = (*SHARED_MODELS, "consumer", "accessibilitystatement", "accessibilitygap")
NAMES = {
    "reader": gettext_noop("Reader"),
    "editor": gettext_noop("Editor"),
    "translator": gettext_noop("Translator"),
    "publisher": gettext_noop("Publisher"),
    "manager": gettext_noop("Manager"),
}


def rights_of_role(code: str) -> set[Permission]:
    """Return the permissions that a role starts with, of all that exist now."""
    return {right for right in Permission.objects.select_related("content_type") if _belongs(code, right)}


def _belongs(code: str, right: Permission) -> bool:
    app, model = right.content_type.app_label, right.content_type.model
    kind = right.codename.split("_")[0]
    name = f"{app}.{right.codename}"
    if code == "manager":
        return app in settings.OWN_APPS or (app == "auth" and model in ("user", "group"))
    if name in HOLDERS:
        return code in HOLDERS[name]
    content = app in CONTENT_APPS or (app == "pzgent" and model in (*PUBLIC_MODELS, "zone"))
    if code in ("reader", "translator") or kind in READ:
        return content and kind in READ
    own = app in CONTENT_APPS or (
        app == "pzgent" and model in (PUBLIC_MODELS if code == "publisher" else SHARED_MODELS)
    )
    return own and (code == "publisher" or kind in EDIT)


@transaction.atomic
def make_roles() -> None:
    """Make the roles that were never made, and give each the rights that it was never given.

    What was changed since stays: a group deleted, renamed or deprived of a right is left so. The first time, whoever
    may change content gets the right to publish it, and to change it without a second person, which that included
    until then.
    """
    if not Role.objects.exists():
        _keep_right(PUBLISH)
    if not any(SOLO in given for given in Role.objects.values_list("given", flat=True)):
        _keep_right(SOLO)
    for code, name in NAMES.items():
        with override(settings.LANGUAGE_CODE):
            role = _role(code, gettext(name))
        rights = {_label(right): right for right in rights_of_role(code)}
        new = sorted(rights.keys() - set(role.given))
        group = Group.objects.filter(pk=role.group_key).first()
        if new and group is not None:
            group.permissions.add(*(rights[label] for label in new))
            role.given = [*role.given, *new]
            role.save(update_fields=["given"])


def _role(code: str, name: str) -> Role:
    role = Role.objects.filter(code=code).first()
    return role or Role.objects.create(code=code, group_key=Group.objects.get_or_create(name=name)[0].pk)


def _label(right: Permission) -> str:
    return f"{right.content_type.app_label}.{right.codename}"


def _keep_right(name: str) -> None:
    """Give a right that is new to whoever may change content or its translations."""
    app, code = name.split(".")
    right = Permission.objects.filter(content_type__app_label=app, codename=code).first()
    if right is None:
        return
    content = Q(content_type__app_label__in=CONTENT_APPS, codename__startswith="change_")
    translating = Q(content_type__app_label="pzgent", codename="translate") if name == SOLO else Q(pk__in=[])
    changing = Permission.objects.filter(content | translating)
    _add(right, User.objects.filter(user_permissions__in=changing).distinct(), "user_permissions")
    _add(right, Group.objects.filter(permissions__in=changing).distinct(), "permissions")


def _add(right: Permission, holders: Iterable[User | Group], name: str) -> None:
    for holder in holders:
        getattr(holder, name).add(right)

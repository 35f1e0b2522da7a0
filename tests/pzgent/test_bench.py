"""What `make bench` compares with answers the same."""

import json

import pytest
from django.db import connection
from django.test import RequestFactory

from organisation.models import Organogram
from organisation.outline import get_outline
from tests.bench_reference import PLAIN, outline_by_sql, same_list

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", PLAIN)
def test_the_plain_list_has_the_same_bytes(client, plan, name):
    address = f"/api/v1/{name}?page=1&pageSize=50"
    request = RequestFactory().get(address)
    ours, plain = client.get(address).content, same_list(name, request)
    assert json.loads(ours) == json.loads(plain)
    assert ours == plain


def test_the_database_tells_of_the_same_units(plan):
    organogram = Organogram.objects.get_in_force()
    waiting, slugs = [json.loads(get_outline(organogram))], []
    while waiting:
        node = waiting.pop()
        slugs.append(node["slug"])
        waiting += node.get("children", [])
    assert sorted(slugs) == sorted(row["slug"] for row in json.loads(outline_by_sql(connection, organogram)))

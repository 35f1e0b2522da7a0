"""Nothing that is not public leaves the portal, at any address, in any format or language."""

import io
import re
import time
import zipfile

import pytest
from django.db import transaction
from django.test import Client, override_settings

from pzgent.api import EXPORTED
from pzgent.changes import bring_up_to_date
from tests import registry
from tests.pages import body_of
from tests.secrets import World

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]


@pytest.fixture
def world(tmp_path):
    with override_settings(MEDIA_ROOT=tmp_path):
        yield World(lambda: bring_up_to_date(EXPORTED))


def test_it(world, client):
    print(len(world.planted.places))
    import collections
    faults = collections.defaultdict(set)
    spent = collections.Counter(); n = collections.Counter(); st=collections.Counter()
    for route in registry.public_routes():
        for language in ("nl", "fr") if route.in_languages else ("nl",):
            for address in registry.addresses_of(route, language):
                t=time.process_time()
                address = registry.with_query(route, address)
                answer = client.get(address)
                body = body_of(answer) if answer.streaming else answer.content
                if body[:2]==b"PK":
                    z = zipfile.ZipFile(io.BytesIO(body)); body=b"".join(z.read(i) for i in z.namelist())
                text = body.decode("utf8","replace")+str(answer.headers)
                for word in re.findall("zq[a-z]{14}", address):
                    text=text.replace(word,"")
                for p in world.planted.found_in(text):
                    faults[p].add(f"{answer.status_code} {route.name}")
                spent[route.name]+=time.process_time()-t
                n[route.name]+=1; st[answer.status_code]+=1
    for k,v in sorted(faults.items()): print(k, sorted(v)[:6])
    print(sum(n.values()), sum(spent.values()), st); print([(a,round(b,1),n[a]) for a,b in spent.most_common(15)])
    assert not faults

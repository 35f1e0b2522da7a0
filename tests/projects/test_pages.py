"""The pages with projects and strategy."""

import datetime
import re
from html.parser import HTMLParser

import pytest
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Objective, Plan, Project, ProjectUnit
from tests.make import (
    make_document,
    make_objective,
    make_organogram,
    make_placement,
    make_plan,
    make_project,
    make_shown_unit,
    make_statement,
    make_unit,
)
from tests.pages import MOST_QUERIES, count_queries, empty_blocks_of, faults_of, text_of

pytestmark = pytest.mark.django_db


def titles(answer):
    """The titles of the projects on the list."""
    return [row.project.title for row in answer.context["selection"].rows]


# --- list ---


@pytest.mark.parametrize("path", ["/projecten", "/strategie"])
def test_a_page_without_content_says_so(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert 'class="empty"' in answer.content.decode()
    assert faults_of(answer.content.decode()) == []


@pytest.mark.parametrize(
    "path", ["/projecten", "/strategie", "/projecten/i-2-fietsdiefstal", "/projecten?kind=X"]
)
def test_a_page_with_the_whole_plan_is_well_made(client, plan, path):
    assert faults_of(client.get(path).content.decode()) == []


def test_the_list_counts_the_projects_per_kind(client, plan):
    selection = client.get("/projecten").context["selection"]
    assert [(kind.value, len(rows)) for kind, rows in selection.by_kind] == [("I", 32), ("B", 26)]
    assert len(selection.rows) == 58


def test_projects_can_be_narrowed_to_a_kind(client):
    make_project(title="Nieuw", kind="I")
    make_project(title="Vast", kind="B")
    assert titles(client.get("/projecten?kind=B")) == ["Vast"]


def test_projects_can_be_narrowed_to_a_unit(client):
    project = make_project(title="Van ons")
    make_project(title="Van hen")
    unit = make_shown_unit()
    project.project_units.create(unit=unit)
    assert titles(client.get("/projecten", {"unit": unit.slug})) == ["Van ons"]


def test_projects_of_an_objective_include_those_of_its_parts(client):
    goal = make_objective()
    part = make_objective(kind="subgoal", parent=goal)
    project = make_project(title="Dient een deel")
    project.objectives.add(part)
    make_project(title="Dient niets")
    assert titles(client.get("/projecten", {"objective": goal.slug})) == ["Dient een deel"]


def test_an_objective_without_projects_is_a_valid_choice(client):
    make_project()
    answer = client.get("/projecten", {"objective": make_objective().slug})
    assert answer.status_code == 200
    assert titles(answer) == []


@pytest.mark.parametrize("words", ["fietsen stelen", "FIETSEN", "stelen"])
def test_projects_can_be_found_by_words(client, words):
    make_project(title="Fietsen", summary="Minder stelen")
    make_project(title="Verkeer")
    assert titles(client.get("/projecten", {"q": words})) == ["Fietsen"]


def test_projects_can_be_found_by_number(client):
    make_project(title="Deze", number=917)
    make_project(title="Die", number=33)
    assert titles(client.get("/projecten?q=917")) == ["Deze"]


def test_filters_work_together(client):
    make_project(title="Fiets I", kind="I")
    make_project(title="Fiets B", kind="B")
    make_project(title="Anders", kind="B")
    assert titles(client.get("/projecten?kind=B&q=fiets")) == ["Fiets B"]


def test_nothing_found_says_so(client):
    make_project()
    assert _("No project fits. Try fewer words or another choice.") in text_of(
        client.get("/projecten?q=xyzzy")
    )


@pytest.mark.parametrize("field", ["kind", "unit", "objective", "plan"])
def test_an_unknown_value_is_refused_with_a_reason(client, field):
    make_project()
    answer = client.get("/projecten", {field: "bestaat-niet"})
    assert answer.status_code == 400
    assert "‘bestaat-niet’ is geen van de keuzes." in text_of(answer)


def test_too_many_words_are_refused(client):
    assert client.get("/projecten", {"q": "a" * 101}).status_code == 400


def test_a_unit_below_a_hidden_unit_is_no_known_value(client):
    hidden = make_placement(make_organogram(), unit=make_unit(publication_level="withheld"))
    below = make_placement(hidden.organogram, hidden, name="Stille dienst").unit
    make_project().project_units.create(unit=below)
    assert client.get("/projecten", {"unit": below.slug}).status_code == 400
    assert "Stille dienst" not in client.get("/projecten").content.decode()


def test_the_list_shows_the_plan_in_force(client):
    old, new = (
        make_plan(valid_from=datetime.date(2010, 1, 1)),
        make_plan(valid_from=datetime.date(2020, 1, 1)),
    )
    make_project(plan=old, title="Vroeger")
    make_project(plan=new, title="Nu")
    make_project(plan=make_plan(valid_from=timezone.localdate() + datetime.timedelta(days=9)), title="Straks")
    assert titles(client.get("/projecten")) == ["Nu"]
    assert titles(client.get(old.get_absolute_url())) == ["Vroeger"]


def test_namesakes_are_told_apart_by_what_they_are_part_of(client):
    top = make_placement(make_organogram())
    station = make_placement(top.organogram, top, name="Commissariaat Zuid")
    team = make_placement(top.organogram, station, name="Gerechtelijk team").unit
    make_project().project_units.create(unit=team)
    assert "Commissariaat Zuid › Gerechtelijk team" in text_of(client.get("/projecten"))


def test_a_draft_project_is_not_listed(client):
    make_project(title="Ontwerp", status="draft")
    assert titles(client.get("/projecten")) == []


# --- one project ---


def test_a_thin_project_has_a_short_page_without_empty_blocks(client):
    html = client.get(make_project(source=make_document()).get_absolute_url()).content.decode()
    assert empty_blocks_of(html) == faults_of(html) == []
    assert "not-published" not in html
    for words in (_("Progress"), _("Place in the plan"), _("who works on it"), _("What came of it")):
        assert words not in html


def test_a_project_of_a_goal_without_units_does_not_ask_who_works_on_it(client):
    project = make_project()
    project.objectives.add(make_objective())
    text = text_of(client.get(project.get_absolute_url()))
    assert _("Place in the plan") in text
    assert _("who works on it") not in text


@pytest.mark.once
def test_no_project_of_the_plan_has_an_empty_block(client, plan):
    for project in Project.objects.published():
        html = client.get(project.get_absolute_url()).content.decode()
        assert (project.slug, empty_blocks_of(html)) == (project.slug, [])
        assert "not-published" not in html


def test_a_project_shows_its_status_when_there_is_one(client):
    project = make_project(progress="running")
    assert project.get_progress_display() in text_of(client.get(project.get_absolute_url()))


def test_a_project_leads_to_the_ones_before_and_after_it(client):
    plan = make_plan()
    first, middle, last = (make_project(plan=plan, number=number) for number in (5, 6, 9))
    make_project(plan=plan, number=7, status="draft")
    context = client.get(middle.get_absolute_url()).context
    assert (context["previous"], context["next"]) == (first, last)


def test_the_first_project_has_none_before_it(client):
    project = make_project()
    make_project(plan=make_plan(), number=project.number - 1 or 10_000)
    assert client.get(project.get_absolute_url()).context["previous"] is None


def test_a_project_shows_units_with_role_and_path(client):
    top = make_placement(make_organogram(), name="Korps")
    unit = make_placement(top.organogram, top, name="Wijkdienst").unit
    link = make_project().project_units.create(unit=unit, role="lead", note="Trekt het werk")
    text = text_of(client.get(link.project.get_absolute_url()))
    assert f"Wijkdienst ( {link.get_role_display()} )".replace("( ", "(").replace(" )", ")") in text
    assert "Trekt het werk" in text


def test_a_project_names_no_unit_below_a_hidden_one(client):
    hidden = make_placement(make_organogram(), unit=make_unit(publication_level="withheld"))
    below = make_placement(hidden.organogram, hidden, name="Stille dienst").unit
    project = make_project()
    project.project_units.create(unit=below)
    assert "Stille dienst" not in client.get(project.get_absolute_url()).content.decode()


def test_a_project_links_no_listed_unit(client):
    listed = make_shown_unit(publication_level="listed", name="Zonder pagina")
    project = make_project()
    project.project_units.create(unit=listed)
    html = client.get(project.get_absolute_url()).content.decode()
    assert "Zonder pagina" in html
    assert listed.get_absolute_url() not in html


def test_a_project_shows_its_news_newest_first(client):
    project = make_project()
    project.updates.create(date=datetime.date(2021, 1, 1), text="<p>Begin</p>")
    project.updates.create(date=datetime.date(2022, 1, 1), text="<p>Vervolg</p>")
    text = text_of(client.get(project.get_absolute_url()))
    assert text.index("Vervolg") < text.index("Begin")


def test_a_project_leads_to_what_it_continues_and_back(client):
    before = make_project(plan=make_plan())
    after = make_project(plan=make_plan(), continues=before)
    assert before.get_absolute_url() in client.get(after.get_absolute_url()).content.decode()
    assert after.get_absolute_url() in client.get(before.get_absolute_url()).content.decode()


@pytest.mark.parametrize("hide", ["project", "plan"])
def test_a_project_that_continues_something_hidden_does_not_say_so(client, hide):
    before = make_project(plan=make_plan(), title="Geheim werk")
    after = make_project(plan=make_plan(), continues=before)
    model, pk = {"project": (Project, before.pk), "plan": (Plan, before.plan_id)}[hide]
    model.objects.filter(pk=pk).update(status="draft")
    assert "Geheim werk" not in client.get(after.get_absolute_url()).content.decode()


@pytest.mark.parametrize("changes", [{"status": "draft"}, {"status": "withdrawn"}])
def test_a_project_that_is_not_published_is_not_found(client, changes):
    assert client.get(make_project(**changes).get_absolute_url()).status_code == 404


def test_a_project_of_a_draft_plan_is_not_found(client):
    assert client.get(make_project(plan=make_plan(status="draft")).get_absolute_url()).status_code == 404


def test_a_project_says_where_it_comes_from(client):
    project = make_project(source=make_document(title="Bronboek"), source_place="tabel 3")
    assert "tabel 3" in text_of(client.get(project.get_absolute_url()))


# --- strategy ---


def test_the_strategy_shows_statements_and_aims(client):
    make_statement(kind="mission", text="Nabij en professioneel")
    goal = make_objective(kind="goal", title="Vertrouwen")
    make_objective(kind="subgoal", parent=goal, title="Luisteren")
    make_objective(kind="key_agreement", title="Afspraak")
    make_objective(kind="action_theme", title="Thema")
    text = text_of(client.get("/strategie"))
    for words in ("Nabij en professioneel", "Vertrouwen", "Luisteren", "Afspraak", "Thema"):
        assert words in text


def test_each_goal_says_what_it_means_and_which_projects_serve_it(client):
    goal = make_objective(kind="goal", title="Vertrouwen", meaning="De politie luistert.")
    part = make_objective(kind="subgoal", parent=goal)
    own, other = make_project(), make_project()
    own.objectives.add(part, make_objective(kind="activity", parent=part))
    other.objectives.add(make_objective(kind="key_agreement"))
    answer = client.get("/strategie")
    assert answer.context["story"] == [(goal, [own])]
    assert "De politie luistert." in text_of(answer)


def test_a_sentence_that_the_source_spreads_over_a_list_is_one_passage(client, plan):
    html = client.get("/strategie").content.decode()
    vision = html[html.index('id="part-vision"') :].partition("</section>")[0]
    assert vision.count('class="statement"') == vision.count('class="source"') == 1
    assert vision.count("<li ") == 5
    ambitions = html[html.index('id="part-ambition"') :].partition("</section>")[0]
    assert ambitions.count('class="statement"') == ambitions.count("<h3")
    slogans = html[html.index('id="part-slogan"') :].partition("</section>")[0]
    assert slogans.count('class="statement"') == slogans.count("<h3") == 5


def test_a_value_does_not_say_its_title_twice(client, plan):
    text = text_of(client.get("/strategie"))
    assert "Respectvol handelen" in text
    assert "Respectvol Respectvol" not in text


def test_an_aim_leads_to_its_projects(client):
    project = make_project()
    project.objectives.add(make_objective())
    hidden = make_project(status="draft", title="Geheim werk")
    hidden.objectives.add(make_objective())
    html = client.get("/strategie").content.decode()
    assert project.get_absolute_url() in html
    assert "Geheim werk" not in html


def test_what_stands_below_a_draft_aim_is_not_shown(client):
    make_objective(kind="subgoal", title="Onder ontwerp", parent=make_objective(status="draft"))
    assert "Onder ontwerp" not in client.get("/strategie").content.decode()


def test_the_strategy_of_the_plan_has_all_its_aims(client, plan):
    context = client.get("/strategie").context
    assert [len(context[name]) for name in ("goals", "agreements", "themes")] == [4, 7, 9]


# --- queries ---


def fill(plan, count):
    """`count` projects, each with a unit and an objective, and `count` objectives below one goal."""
    numbers = range(count * 10, count * 11)
    organogram = make_organogram()
    unit = make_placement(organogram).unit
    objective = make_objective()
    projects = Project.objects.bulk_create(
        Project(plan=plan, number=n, slug=f"p-{n}", title=f"P {n}", kind="I", status="published")
        for n in numbers
    )
    ProjectUnit.objects.bulk_create(ProjectUnit(project=project, unit=unit) for project in projects)
    links = Project.objectives.through
    links.objects.bulk_create(links(project=project, objective=objective) for project in projects)
    common = {"plan": objective.plan, "status": "published"}
    parts = [Objective(slug=f"o-{n}", title=f"O {n}", kind="subgoal", **common) for n in numbers]
    top = Objective(slug=f"top-{count}", title="Top", kind="goal", **common)
    for part in parts:
        part.parent = top
    Objective.objects.insert_tree([top, *parts])


@pytest.mark.once
def test_queries_stay_the_same_at_twenty_and_hundreds_of_projects(client):
    plan = make_plan(source=make_document())
    fill(plan, 20)
    unit = ProjectUnit.objects.first().unit.slug
    objective = Project.objects.first().objectives.first().slug
    queries = ["", "?kind=I&q=P", f"?unit={unit}", f"?objective={objective}"]
    urls = [*(f"/projecten{query}" for query in queries), "/strategie", "/projecten/p-201"]
    few = [count_queries(client, url, state="") for url in urls]
    fill(plan, 500)
    assert [count_queries(client, url, warmed_by="/privacy", state="") for url in urls] == few
    assert max(count_queries(client, url) for url in urls) <= MOST_QUERIES


def test_a_project_with_everything_stays_within_four_queries(client):
    organogram = make_organogram()
    top = make_placement(organogram)
    project = make_project(plan=make_plan(), continues=make_project(plan=make_plan()), source=make_document())
    for _number in range(5):
        project.project_units.create(unit=make_placement(organogram, top).unit)
        project.objectives.add(make_objective())
        project.updates.create(date=datetime.date(2022, 1, 1), text="Nieuws")
        make_project(plan=make_plan(), continues=project)
    make_project(plan=project.plan, number=project.number + 100)
    assert count_queries(client, project.get_absolute_url()) <= MOST_QUERIES


# --- counts, filters that come off, the place in the plan ---


def options(answer, name):
    """The options of a filter, as value -> number behind its name."""
    choices = answer.context["selection"].form.fields[name].choices
    return {value: int(re.search(r"\((\d+)\)$", str(label)).group(1)) for value, label in choices if value}


def test_each_option_says_how_many_projects_fit(client, plan):
    answer = client.get("/projecten")
    assert options(answer, "kind") == {"I": 32, "B": 26}
    for name in ("objective", "unit"):
        for value, count in list(options(answer, name).items())[::5]:
            assert len(titles(client.get("/projecten", {name: value}))) == count


def test_the_counts_follow_the_other_filters(client, plan):
    first = options(client.get("/projecten?kind=I"), "unit")
    for value, count in first.items():
        assert len(titles(client.get("/projecten", {"kind": "I", "unit": value}))) == count
    assert options(client.get("/projecten?kind=I&q=fiets"), "kind")["B"] == len(
        titles(client.get("/projecten?kind=B&q=fiets"))
    )


def test_a_filter_comes_off_and_leaves_the_others(client):
    make_project(title="Fiets", kind="I")
    answer = client.get("/projecten?kind=I&q=fiets")
    assert [item.without for item in answer.context["selection"].chosen] == ["kind=I", "q=fiets"]
    html = answer.content.decode()
    assert 'href="/projecten?q=fiets"' in html
    assert 'href="/projecten?kind=I"' in html
    assert faults_of(html) == []


def test_a_filter_keeps_the_plan(client):
    plan = make_plan(valid_from=datetime.date(2010, 1, 1))
    make_project(plan=plan, kind="I")
    make_project(plan=make_plan(valid_from=datetime.date(2020, 1, 1)))
    (chosen,) = client.get(f"/projecten?kind=I&plan={plan.slug}").context["selection"].chosen
    assert chosen.without == f"plan={plan.slug}"


def test_a_project_shows_the_way_from_goal_to_unit(client, plan):
    html = client.get("/projecten/i-2-fietsdiefstal").content.decode()
    way = html[html.index('<ol class="way">') :].partition("</ol>")[0]
    addresses = re.findall(r'href="([^"]+)"', way)
    assert [address.partition("#")[0] for address in addresses] == [
        *["/strategie/bedrijfsplan-2021-2025"] * 3,
        "/eenheden/dienst-operationele-acties", "/eenheden/team-bijzondere-fenomenen",
    ]  # fmt: skip
    assert [re.search(r"(?s)>([\d.]+) ", way[way.index(address) :]).group(1) for address in addresses[:3]] == [
        "4", "4.1", "4.1.2",
    ]  # fmt: skip


def test_a_project_tells_once_who_works_on_it(client, plan):
    text = text_of(client.get("/projecten/i-2-fietsdiefstal")).partition("Plaats in het plan")[2]
    assert text.lower().count("wie eraan werkt") == 1
    assert text.count("Team Bijzondere Fenomenen (partner, afgeleid)") == 1


def test_a_project_of_two_goals_tells_once_who_works_on_it(client):
    project = make_project()
    project.objectives.add(make_objective(), make_objective())
    project.project_units.create(unit=make_shown_unit())
    assert text_of(client.get(project.get_absolute_url())).count("wie eraan werkt") == 1


def test_a_project_of_no_objective_shows_its_plan_and_units(client):
    project = make_project()
    project.project_units.create(unit=make_shown_unit(name="Wijkdienst"))
    html = client.get(project.get_absolute_url()).content.decode()
    way = html[html.index('<ol class="way">') :].partition("</section>")[0]
    assert project.plan.title in way
    assert "Wijkdienst" in way


def test_a_hidden_goal_hides_the_way(client):
    goal = make_objective(title="Geheim doel", status="draft")
    project = make_project()
    project.objectives.add(make_objective(kind="subgoal", parent=goal, title="Deel ervan"))
    html = client.get(project.get_absolute_url()).content.decode()
    assert "Geheim doel" not in html
    assert "Deel ervan" not in html


# --- the picture of the strategy ---


class Lists(HTMLParser):
    """Reads what leads to what out of the nested lists of aims, projects and units."""

    def __init__(self):
        super().__init__()
        self.stack, self.edges, self.inside = [], set(), False

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "li":
            self.stack.append(values.get("id"))
        elif tag == "a" and self.stack and self.stack[-1] is None and values.get("class") is None:
            self.stack[-1] = values["href"].rsplit("/", 1)[-1]
            if len(self.stack) > 1:
                self.edges.add((self.stack[-2], self.stack[-1]))

    def handle_endtag(self, tag):
        if tag == "li" and self.stack:
            own = self.stack.pop()
            if own and self.stack and self.stack[-1]:
                self.edges.add((self.stack[-1], own))


def ways_of(client):
    """What leads to what in the lists of the page, and in the picture."""
    html = client.get("/strategie").content.decode()
    lists = Lists()
    lists.feed(html[html.index('<main id="content"') : html.index('id="picture"')])
    drawn = set(re.findall(r'data-from="([^"]+)" data-to="([^"]+)"', html))
    return lists.edges, drawn


def test_the_picture_of_the_plan_says_what_the_lists_say(client, plan):
    listed, drawn = ways_of(client)
    projects = {end for start, end in listed if end.startswith(("i-", "b-"))}
    assert len(projects) == 7
    reached = set()
    for _step in range(8):
        reached |= {start for start, end in listed if end in reached | projects}
    kept = {(start, end) for start, end in listed if end in reached | projects or start in projects}
    subgoals = set(Objective.objects.filter(kind="subgoal").values_list("slug", flat=True))
    assert drawn == kept | {(start, end) for start, end in listed if end in subgoals}


def test_no_box_of_the_picture_covers_another(client, plan):
    boxes = client.get("/strategie").context["picture"].boxes
    for one in boxes:
        beside = [box for box in boxes if box is not one and box.x == one.x]
        assert all(box.y >= one.y + one.height or box.y + box.height <= one.y for box in beside)


def test_without_projects_there_is_no_picture(client):
    make_objective()
    assert client.get("/strategie").context["picture"] is None


def test_a_unit_that_is_hidden_is_not_in_the_strategy(client):
    project = make_project()
    project.objectives.add(make_objective())
    project.project_units.create(unit=make_unit(name="Stille dienst", publication_level="withheld"))
    html = client.get("/strategie").content.decode()
    assert project.slug in html
    assert "Stille dienst" not in html


@pytest.mark.parametrize("words", ["a " * 1500, "fiets " * 17])
def test_words_without_end_are_refused(client, words):
    make_project()
    assert client.get("/projecten", {"q": words}).status_code == 400


def test_of_two_plans_of_one_day_the_last_made_is_in_force(client):
    day = datetime.date(2020, 1, 1)
    make_plan(title="A eerst gemaakt", valid_from=day)
    make_plan(title="B laatst gemaakt", valid_from=day)
    assert client.get("/projecten").context["selection"].plan == Plan.objects.in_force().get()

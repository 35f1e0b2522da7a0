"""Tasks of citizens: each is answered on the first screen of a phone within three actions from the home page."""

import pytest

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
MOST_ACTIONS = 3
ASK, TAP = "ask", "tap"
# All words that a visitor sees without scrolling.
ON_SCREEN = """() => {
    const found = [], walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const part = walker.currentNode, range = document.createRange();
        range.selectNodeContents(part);
        const box = range.getBoundingClientRect();
        const seen = part.parentElement.checkVisibility() && box.width > 1 && box.top >= 0 && box.bottom <= innerHeight;
        if (seen && part.data.trim()) { found.push(part.data); }
    }
    return found.join(' ').replace(/\\s+/g, ' ');
}"""
# What somebody wants -> the prefix of the language, the actions, and the words that answer it.
TASKS = {
    "bicycle stolen": (
        "",
        [(ASK, "mijn fiets is gestolen"), (TAP, "Mijn fiets is gestolen")],
        ["Mijn fiets is gestolen", "Vul het formulier in", "Doe online aangifte", "framenummer"],
    ),
    "fight next door": ("", [(ASK, "er wordt gevochten bij de buren")], ["dringend politie nodig", "101"]),
    "lost wallet": (
        "",
        [(ASK, "ik ben mijn portefeuille kwijt"), (TAP, "Mijn portefeuille of kaart is weg")],
        ["Bel 078 170 170", "Card Stop", "Blokkeer eerst je kaarten"],
    ),
    "found keys": (
        "",
        [(ASK, "ik heb sleutels gevonden")],
        ["Ik ben iets kwijt of heb iets gevonden", "09 266 61 11"],
    ),
    "complaint": (
        "",
        [
            (ASK, "ik wil een klacht indienen over een agent"),
            (TAP, "Ik wil een klacht indienen over de politie"),
        ],
        ["Vul het formulier in", "Online formulieren voor een klacht"],
    ),
    "worried teacher": (
        "",
        [(ASK, "ik ben leerkracht en maak me zorgen over een leerling")],
        ["Ik maak me zorgen over een leerling", "Praat eerst met het CLB", "Bel 09 266 67 50"],
    ),
    "deaf and in danger": (
        "",
        [(ASK, "ik ben doof en in gevaar")],
        ["dringend politie nodig", "App 112 BE", "Sms naar de noodcentrale"],
    ),
    "hate incident yesterday": (
        "",
        [(ASK, "ik werd gisteren uitgescholden omdat ik homo ben")],
        ["homofobie of transfobie", "09 266 67 56"],
    ),
    "burglary advice": (
        "",
        [(ASK, "hoe kan ik mijn huis beveiligen tegen inbraak")],
        ["mijn woning of zaak beter beveiligen", "gratis advies tegen inbraak", "09 266 65 90"],
    ),
    "appointment in 9040": (
        "",
        [(ASK, "afspraak maken in 9040"), (TAP, "Commissariaat Sint-Amandsberg")],
        ["Commissariaat Sint-Amandsberg", "Maak online een afspraak"],
    ),
    "desk in Zwijnaarde": (
        "",
        [(ASK, "waar moet ik zijn in Zwijnaarde")],
        ["Politiepunt Zwijnaarde", "Commissariaat Nieuw-Gent"],
    ),
    "spokesperson": (
        "",
        [(ASK, "wie is de woordvoerder"), (TAP, "Perswoordvoerder")],
        ["Perswoordvoerder", "spreekt namens de korpschef met de pers"],
    ),
    "what DrugCo is": ("", [(ASK, "wat is DrugCo")], ["Drugscoördinator", "de aanpak van drugs"]),
    "who DrugCo is": (
        "",
        [(ASK, "wie leidt DrugCo")],
        ["Drugscoördinator", "stemt de aanpak van drugs in het hele korps af"],
    ),
    "inspectors since when": (
        "",
        [(ASK, "hoeveel inspecteurs zijn er en sinds wanneer")],
        ["Inspecteur van politie: 883", "26 april 2021"],
    ),
    "student job": (
        "",
        [(ASK, "studentenjob bij de politie"), (TAP, "Ik wil bij de politie werken")],
        ["Ik wil bij de politie werken", "Ga naar de website", "Op de jobsite staat alle uitleg"],
    ),
    "robbed": ("/en", [(ASK, "I was robbed")], ["I need the police right now", "101"]),
    "lost papers": (
        "/fr",
        [(ASK, "j'ai perdu mes papiers")],
        ["j'ai perdu mes papiers", "Bloquez d'abord les papiers perdus"],
    ),
    "open on 11 November": (
        "",
        [(ASK, "open op 11 november?")],
        ["11 november", "Wapenstilstand", "de hele dag open", "gesloten"],
    ),
    "what changed in the organogram": (
        "",
        [(ASK, "wat veranderde er in het organogram")],
        ["1 september 2021", "Nieuw: Team PLUK"],
    ),
}


@pytest.fixture
def phone(chromium):
    """A phone, without script."""
    return chromium.new_context(viewport=PHONE, java_script_enabled=False).new_page()


def act(page, kind, words):
    """Do one action with what is on the screen."""
    if kind == ASK:
        box = page.locator("main").get_by_role("searchbox")
        box.fill(words)
        target = page.locator("main").get_by_role("button").first
    else:
        target = page.locator("main").get_by_role("link", name=words).first
    place = target.bounding_box()
    assert place["y"] + place["height"] <= PHONE["height"], f"{words}: out of sight"
    with page.expect_navigation(wait_until="load"):
        target.click()


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_answered_on_the_first_screen(phone, portal, task):
    prefix, actions, answer = TASKS[task]
    assert len(actions) <= MOST_ACTIONS
    phone.goto(f"{portal}{prefix}/")
    for kind, words in actions:
        act(phone, kind, words)
    assert phone.evaluate("scrollY") == 0
    shown = phone.evaluate(ON_SCREEN)
    assert [words for words in answer if words not in shown] == [], shown


def test_words_below_the_screen_are_no_answer(phone, portal):
    phone.goto(f"{portal}/contact")
    last = "Ik wil een straatfeest of evenement houden"
    assert last in phone.locator("main").inner_text()
    assert last not in phone.evaluate(ON_SCREEN)

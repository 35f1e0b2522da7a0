"""An editor in a browser, who works with the mouse or with the keyboard alone, and how many pages that opens."""

import pytest

MOST_TABS = 250
FOCUSED = "control => control === document.activeElement"


class Mouse:
    """An editor who clicks. `pages` counts what opened since `start`."""

    def __init__(self, page):
        self.page, self.pages = page, 0
        page.on("domcontentloaded", self._count)

    def _count(self, _page):
        self.pages += 1

    def start(self, address="/admin/"):
        """Open a page from which to count."""
        self.page.goto(address)
        self.pages = 0

    def link(self, name, **options):
        """Return the first link with this name."""
        return self.page.get_by_role("link", name=name, **{"exact": True, **options}).first

    def button(self, name):
        """Return the first button with this name."""
        return self.page.get_by_role("button", name=name, exact=True).first

    def reach(self, control):
        """Bring the control within reach."""
        control.scroll_into_view_if_needed()

    def activate(self, control):
        """Follow a link, push a button or unfold a part."""
        control.click()

    def fill(self, control, text):
        """Replace the text of a field."""
        control.fill(text)

    def choose(self, control, label):
        """Choose from a list."""
        control.select_option(label=label)

    def tick(self, control):
        """Tick a box."""
        control.check()

    def follow(self, control):
        """Activate what opens another page, and wait for that."""
        self.reach(control)
        with self.page.expect_navigation():
            self.activate(control)

    def save(self):
        """Save the form."""
        self.follow(self.page.locator("input[name=_save]").last)

    def open_list(self, app, name):
        """Open a list from the home page."""
        self.activate(self.page.locator(".desk-all summary", has_text=app))
        self.follow(self.page.locator(".desk-all").get_by_role("link", name=name, exact=True))


class Keyboard(Mouse):
    """An editor who has a keyboard only: Tab until a control has the focus, then Enter, Space or letters."""

    def reach(self, control):
        """Press Tab until the control has the focus; on a new page, skip the navigation first."""
        control.wait_for()
        if self.page.evaluate("document.activeElement === document.body"):
            self.page.keyboard.press("Tab")
            self.page.keyboard.press("Enter")
        for _press in range(MOST_TABS):
            if control.evaluate(FOCUSED):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"{control} cannot be reached with Tab")

    def activate(self, control):
        """Follow a link, push a button or unfold a part."""
        self.reach(control)
        self.page.keyboard.press("Enter")

    def fill(self, control, text):
        """Replace the text of a field."""
        self.reach(control)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, control, label):
        """Choose from a list by its first letters."""
        self.reach(control)
        self.page.keyboard.type(label)

    def tick(self, control):
        """Tick a box."""
        self.reach(control)
        self.page.keyboard.press("Space")

    def save(self):
        """Save the form, with Enter in the field that was filled in last."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

"""Form data of a page, as a browser would submit it."""

from html.parser import HTMLParser


class _Controls(HTMLParser):
    """Collect the successful controls of one form by name."""

    def __init__(self, form_id):
        super().__init__()
        self.form_id, self.inside = form_id, False
        self.data, self.select, self.textarea = {}, "", ""

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = values.get("id") == self.form_id
        if not self.inside or "disabled" in values:
            return
        name = values.get("name", "")
        if tag == "input" and name and values.get("type") not in ("submit", "button", "file", "reset"):
            if values.get("type") not in ("checkbox", "radio") or "checked" in values:
                self.data.setdefault(name, []).append(
                    values.get("value", "on" if "checked" in values else "")
                )
        elif tag == "select":
            self.select = name
            self.first = "multiple" not in values
        elif tag == "option" and self.select:
            if self.first and self.select not in self.data:
                self.data[self.select] = [values.get("value", "")]
                self.provisional = True
            if "selected" in values:
                kept = [] if self.first else self.data.get(self.select, [])
                self.data[self.select] = [*kept, values.get("value", "")]
        elif tag == "textarea":
            self.textarea = name
            self.data[name] = [""]

    def handle_data(self, data):
        if self.textarea:
            self.data[self.textarea][0] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            # HTML drops the newline right after the opening tag.
            if self.textarea:
                self.data[self.textarea][0] = (
                    self.data[self.textarea][0].removeprefix("\r\n").removeprefix("\n")
                )
            self.textarea = ""


def form_data(answer, form_id=None, **changes):
    """Return the values of the page's form (by default the change form of the admin), with some replaced."""
    form_id = form_id or f"{answer.context['opts'].model_name}_form"
    controls = _Controls(form_id)
    controls.feed(answer.content.decode())
    assert controls.data, f"there is no form “{form_id}” on this page"
    return {**controls.data, **changes}

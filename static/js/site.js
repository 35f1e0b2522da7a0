// Comfort only: everything on the site works without this file.
(() => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));

  // Printed pages show what is folded away, and fold it again afterwards.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    folded.forEach((part) => { part.open = true; });
    all("[data-print-time]").forEach((part) => { part.textContent = new Date().toLocaleTimeString("nl"); });
  });
  addEventListener("afterprint", () => folded.forEach((part) => { part.open = false; }));

  // A link to something folded opens what is around it; most browsers do so themselves.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    const closed = () => target?.closest("details:not([open])");
    const isFolded = closed();
    for (let box = isFolded; box; box = closed()) { box.open = true; }
    if (isFolded) { target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Leaving a sensitive page replaces it in the history, so that “back” does not lead here again.
  // The page goes blank at once, because the other site may take its time.
  all("a[data-leave]").forEach((link) => {
    const leave = () => {
      document.body.hidden = true;
      document.title = "";
      location.replace(link.href);
    };
    link.addEventListener("click", (event) => {
      event.preventDefault();
      leave();
    });
    let pressed = [];
    addEventListener("keydown", (event) => {
      pressed = event.key === "Escape" ? [...pressed, event.timeStamp].slice(-3) : [];
      if (pressed.length === 3 && pressed[2] - pressed[0] < 3000) { leave(); }
    });
    all(".leave-key").forEach((hint) => { hint.hidden = false; });

    // From here on the history does not grow either: the page with the question is not left behind in it.
    addEventListener("click", (event) => {
      const next = event.target.closest("a[href]");
      const isOther = event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
      if (!next || isOther || next.origin !== location.origin || next.hasAttribute("download")) { return; }
      event.preventDefault();
      location.replace(next.href);
    });
    addEventListener("submit", (event) => {
      const next = new URL(event.target.action);
      next.search = new URLSearchParams(new FormData(event.target));
      event.preventDefault();
      location.replace(next);
    });
  });

  // Text as it is compared; `pzgent/folding.py` folds by the same tables.
  const fold = (text) => {
    const letters = { "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "ς": "σ" };
    return text.replace(/[\u00b4\u0384\u1fbd\u1fbf\u1ffd\u1ffe]/g, "").normalize("NFKD")
      .replace(/['`\u00b4\u02b9-\u02bf\u02c8\u02ca\u02cb\u0384\u055a\u05f3\u1fbd\u1fbf\u1fef\u1ffd\u1ffe\u2018-\u201b\u2032\u2035\u2039\u203a\uff07\uff40\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g, "").toLowerCase()
      .replace(/[\u0022\u00ab\u00bb\u201c-\u201f\u2033\u2036\u301d-\u301f\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g, " ")
      .replace(/[\u058a\u05be\u1806\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\u301c\u30a0\ufe58\ufe63\uff0d]/g, "-")
      .replace(/[ßæœþøđðłħıς]/g, (letter) => letters[letter]);
  };

  // The organogram: its list is filtered while somebody types, and the address follows what is open.
  // `organisation/listing.py` does the same on the server.
  const tree = document.getElementById("tree");
  if (tree) {
    const finder = document.getElementById("finder");
    const found = document.getElementById("found");
    const lines = Array.from(tree.querySelectorAll("li"));
    const rows = all("#rows tbody tr");
    const texts = lines.map((line) => fold(line.firstElementChild.textContent));
    const boxOf = (line) => line.querySelector(":scope > details");
    const above = (line) => line.parentElement.closest("li");
    let before = null;
    let waiting = 0;

    const follow = () => {
      const words = finder.filter.value.trim();
      const boxes = Array.from(tree.querySelectorAll("details"));
      const open = boxes.filter((box) => box.open && !box.querySelector("[open]") && !box.parentElement.closest("details:not([open])"));
      const address = new URL(location.href);
      address.searchParams.delete("filter");
      address.searchParams.delete("open");
      if (words) {
        address.searchParams.set("filter", words);
      } else if (boxes.every((box) => box.open)) {
        address.searchParams.set("open", "alles");
      } else if (boxes.every((box, place) => box.open <= (place === 0))) {
        address.searchParams.set("open", "niets");
      } else {
        address.searchParams.set("open", open.map((box) => box.parentElement.id.slice(3)).join(","));
      }
      history.replaceState(null, "", address.href.replace(/%2C/g, ","));
    };
    const followSoon = () => {
      clearTimeout(waiting);
      waiting = setTimeout(follow, 200);
    };

    const filter = () => {
      const words = fold(finder.filter.value).split(/\s+/).filter(Boolean);
      before = before || lines.map((line) => boxOf(line)?.open);
      const hits = texts.map((text) => words.length > 0 && words.every((word) => text.includes(word)));
      const shown = new Set();
      const leading = new Set();
      lines.forEach((line, place) => {
        if (!words.length || hits[place] || shown.has(above(line))) { shown.add(line); }
      });
      lines.forEach((line, place) => {
        if (hits[place]) {
          for (let up = above(line); up; up = above(up)) { leading.add(up); }
        }
      });
      lines.forEach((line, place) => {
        line.hidden = !shown.has(line) && !leading.has(line);
        line.classList.toggle("hit", hits[place]);
        const box = boxOf(line);
        if (box) { box.open = words.length ? leading.has(line) : before[place]; }
      });
      const there = lines.filter((line) => !line.classList.contains("over"));
      rows.forEach((row, place) => { row.hidden = words.length > 0 && !there[place].classList.contains("hit"); });
      if (!words.length) { before = null; }
      const count = hits.filter(Boolean).length;
      const { none, one, many } = finder.dataset;
      found.textContent = !words.length ? "" : count === 0 ? none : count === 1 ? one : many.replace("{}", count);
      followSoon();
    };

    finder.addEventListener("submit", (event) => {
      event.preventDefault();
      const value = event.submitter?.value;
      if (value) {
        finder.filter.value = "";
        filter();
        tree.querySelectorAll("details").forEach((box, place) => { box.open = value === "alles" || place === 0; });
      } else {
        filter();
      }
      followSoon();
    });
    finder.filter.addEventListener("input", filter);
    tree.addEventListener("click", (event) => { if (event.target.closest("summary")) { followSoon(); } });
  }

  // A link in a drawing that gets the focus is not always brought into sight.
  document.querySelectorAll(".chart-frame").forEach((frame) => {
    frame.addEventListener("focusin", (event) => {
      if (event.target !== frame) { event.target.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    });
  });
})();

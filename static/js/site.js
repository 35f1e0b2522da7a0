// Comfort only: everything on the site works without this file.
(() => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));

  // Printed pages show what is folded away, and fold it again afterwards.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    folded.forEach((part) => { part.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((part) => { part.open = false; }));

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

  // The organogram: its list is filtered while somebody types, and the address follows what is open.
  // `organisation/listing.py` does the same on the server.
  const tree = document.getElementById("tree");
  if (tree) {
    const finder = document.getElementById("finder");
    const found = document.getElementById("found");
    const lines = Array.from(tree.querySelectorAll("li"));
    const rows = all("#rows tbody tr");
    const fold = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
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

    // A link to a unit opens what is around it; most browsers do so themselves.
    const reveal = () => {
      const line = location.hash.startsWith("#in-") && document.getElementById(location.hash.slice(1));
      for (let up = line && above(line); up; up = above(up)) { boxOf(up).open = true; }
      if (line) { line.scrollIntoView(); }
    };
    addEventListener("hashchange", reveal);
    reveal();

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

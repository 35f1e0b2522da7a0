// Comfort for the workshop of an organogram: everything in it works without this file, by its links and forms.
(() => {
  const tree = document.getElementById("tree");
  const panel = document.getElementById("panel");
  const find = document.getElementById("workshop-find");
  if (!tree || !panel) { return; }

  const rows = Array.from(tree.querySelectorAll("li"));
  const labels = Array.from(document.querySelectorAll("#units option"), (option) => option.value);
  const keyOf = (row) => row.id.slice(2);
  const linkOf = (row) => row.querySelector(":scope > a");
  const listOf = (row) => row.querySelector(":scope > ul");
  const parentOf = (row) => row.parentElement.closest("li");
  const labelOf = (row) => labels[rows.indexOf(row)];
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const say = (text) => { document.getElementById("workshop-status").textContent = text; };

  // --- A tree for assistive technology, with one tab stop --------------------------------------
  const memory = `closed:${location.pathname}`;
  let closed = new Set();
  try { closed = new Set(JSON.parse(sessionStorage.getItem(memory) || "[]")); } catch { /* storage refused */ }
  let current = null;

  tree.setAttribute("role", "tree");
  tree.setAttribute("aria-labelledby", "tree-title");
  tree.setAttribute("aria-describedby", "tree-help");
  document.getElementById("tree-help").hidden = false;
  rows.forEach((row) => {
    const link = linkOf(row);
    const list = listOf(row);
    const parent = parentOf(row);
    row.setAttribute("role", "none");
    row.dataset.level = parent ? Number(parent.dataset.level) + 1 : 1;
    link.setAttribute("role", "treeitem");
    link.setAttribute("aria-level", row.dataset.level);
    link.tabIndex = -1;
    link.draggable = Boolean(parent);
    if (!list) { return; }
    list.setAttribute("role", "group");
    list.id = `b-${keyOf(row)}`;
    link.setAttribute("aria-owns", list.id);
    const toggle = document.createElement("span");
    toggle.className = "toggle";
    toggle.setAttribute("aria-hidden", "true");
    toggle.addEventListener("click", () => open(row, list.hidden));
    row.prepend(toggle);
    open(row, !closed.has(keyOf(row)));
  });

  function open(row, isOpen) {
    const list = listOf(row);
    if (!list) { return; }
    list.hidden = !isOpen;
    linkOf(row).setAttribute("aria-expanded", String(isOpen));
    closed[isOpen ? "delete" : "add"](keyOf(row));
    try { sessionStorage.setItem(memory, JSON.stringify([...closed])); } catch { /* storage refused */ }
  }

  const isShown = (row) => !row.hidden && !row.parentElement.closest("[hidden]");
  const shown = () => rows.filter(isShown);

  function stop(row) {
    if (current) { linkOf(current).tabIndex = -1; }
    current = row;
    linkOf(row).tabIndex = 0;
  }

  function go(row) {
    if (!row) { return; }
    for (let above = parentOf(row); above; above = parentOf(above)) { open(above, true); }
    stop(row);
    linkOf(row).focus();
    linkOf(row).scrollIntoView({ block: "nearest" });
  }

  // --- The steps of a unit, loaded beside the tree ---------------------------------------------
  async function load(row) {
    panel.inert = true;
    panel.setAttribute("aria-busy", "true");
    const query = new URLSearchParams({ at: keyOf(row), panel: "1", tree_state: tree.dataset.state });
    const answer = await fetch(`?${query}`, { headers: { Accept: "text/html" } });
    if (answer.redirected || ![200, 409].includes(answer.status)) {
      location.assign(linkOf(row).href);
      return false;
    }
    panel.innerHTML = await answer.text();
    panel.inert = false;
    panel.setAttribute("aria-busy", "false");
    tree.querySelectorAll("[aria-selected]").forEach((link) => link.removeAttribute("aria-selected"));
    linkOf(row).setAttribute("aria-selected", "true");
    history.replaceState(null, "", `?at=${keyOf(row)}#${row.id}`);
    return answer.ok;
  }

  async function choose(row) {
    stop(row);
    await load(row);
    panel.focus();
  }

  async function shift(row, direction) {
    if (!(await load(row))) { panel.focus(); return; }
    const button = panel.querySelector(`#shift-form button[value="${direction}"]`);
    if (button && !button.disabled) { button.click(); }
  }

  async function step(row, code) {
    await load(row);
    const part = panel.querySelector(`#step-${code}`);
    if (!part) { panel.focus(); return null; }
    part.open = true;
    part.querySelector("input:not([type=hidden])").focus();
    return part;
  }

  tree.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    choose(link.closest("li"));
  });

  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && current) { go(current); }
  });

  tree.addEventListener("keydown", (event) => {
    const row = event.target.closest("li");
    if (!row || event.ctrlKey || event.metaKey) { return; }
    if (event.altKey) {
      if (!["ArrowUp", "ArrowDown"].includes(event.key)) { return; }
      shift(row, event.key === "ArrowUp" ? "up" : "down");
      event.preventDefault();
      return;
    }
    const around = shown();
    const place = around.indexOf(row);
    const list = listOf(row);
    const isOpen = list && !list.hidden;
    const acts = {
      ArrowDown: () => go(around[place + 1]),
      ArrowUp: () => go(around[place - 1]),
      Home: () => go(around[0]),
      End: () => go(around.at(-1)),
      ArrowRight: () => (isOpen ? go(around[place + 1]) : open(row, true)),
      ArrowLeft: () => (isOpen ? open(row, false) : go(parentOf(row))),
      Enter: () => choose(row),
      " ": () => choose(row),
      F2: () => step(row, "rename"),
      "*": () => rows.filter((other) => parentOf(other) === parentOf(row)).forEach((other) => open(other, true)),
    };
    if (acts[event.key]) {
      acts[event.key]();
      event.preventDefault();
    } else if (event.key.length === 1) {
      const begins = (other) => fold(linkOf(other).textContent).startsWith(fold(event.key));
      go([...around.slice(place + 1), ...around.slice(0, place)].find(begins));
    }
  });

  // --- Finding: the tree shows what matches while somebody types -------------------------------
  let matches = [];

  function filter() {
    const words = fold(find.value).split(/\s+/).filter(Boolean);
    matches = words.length ? rows.filter((row) => words.every((word) => fold(labelOf(row)).includes(word))) : [];
    const kept = new Set();
    matches.forEach((row) => {
      for (let above = row; above && !kept.has(above); above = parentOf(above)) { kept.add(above); }
    });
    rows.forEach((row) => {
      row.hidden = words.length > 0 && !kept.has(row);
      row.classList.toggle("is-found", matches.includes(row));
      if (words.length && kept.has(row)) { open(row, true); }
    });
    say(words.length ? `${matches.length} ${tree.dataset.count}` : "");
  }

  if (find) {
    find.removeAttribute("list");
    find.addEventListener("input", filter);
    find.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { find.value = ""; filter(); }
      if (event.key === "ArrowDown" && matches.length) { go(matches[0]); event.preventDefault(); }
    });
    find.form.addEventListener("submit", (event) => {
      filter();
      if (!matches.length) { return; }
      event.preventDefault();
      const first = matches[0];
      find.value = "";
      filter();
      go(first);
    });
  }

  // --- Dragging: fills in the move form, which the server checks like any other ----------------
  let dragged = null;
  const ZONES = ["before", "under", "after"];
  const clear = () => tree.querySelectorAll(".drop").forEach((link) => link.classList.remove("drop", ...ZONES));

  function zoneAt(row, y) {
    const box = linkOf(row).getBoundingClientRect();
    const part = (y - box.top) / box.height;
    if (!parentOf(row)) { return "under"; }
    if (part < 0.3) { return "before"; }
    return part > 0.7 && (!listOf(row) || listOf(row).hidden) ? "after" : "under";
  }

  function targetOf(event) {
    const row = event.target.closest("#tree li");
    return row && dragged && row !== dragged && !dragged.contains(row) ? row : null;
  }

  async function drop(row, target, position) {
    const part = await step(row, "move");
    if (!part) { return; }
    const form = part.querySelector("form");
    form.elements["move-target"].value = labelOf(target);
    form.querySelector(`[name="move-position"][value="${position}"]`).checked = true;
    const button = form.querySelector("button");
    if (form.querySelector('[name="move-applies_in"]')) { button.focus(); } else { form.requestSubmit(button); }
  }

  tree.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("li");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", labelOf(dragged));
  });
  tree.addEventListener("dragover", (event) => {
    clear();
    const row = targetOf(event);
    if (!row) { return; }
    event.preventDefault();
    linkOf(row).classList.add("drop", zoneAt(row, event.clientY));
  });
  tree.addEventListener("drop", (event) => {
    const row = targetOf(event);
    if (!row) { return; }
    event.preventDefault();
    drop(dragged, row, zoneAt(row, event.clientY));
  });
  tree.addEventListener("dragend", () => { dragged = null; clear(); });

  // --- Arriving: at the unit of the last step, and its message is read out -----------------------
  const at = tree.dataset.at && document.getElementById(`p-${tree.dataset.at}`);
  stop(at || rows[0]);
  if (at) { linkOf(at).setAttribute("aria-selected", "true"); }

  function arrive() {
    const fault = panel.querySelector(".errorlist, .errornote");
    if (fault) {
      panel.focus();
      fault.scrollIntoView({ block: "center" });
    } else if (at && location.hash) {
      go(at);
    }
  }

  // Going to the fragment of the address takes the focus away, when the page is complete at the latest.
  addEventListener("load", () => requestAnimationFrame(arrive));
  setTimeout(() => {
    const texts = Array.from(document.querySelectorAll(".messagelist li"), (item) => item.textContent.trim());
    if (texts.length) { say(texts.join(" ")); }
  }, 300);
})();

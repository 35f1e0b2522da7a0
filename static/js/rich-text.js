/* The editor of texts with formatting: puts ProseMirror in the place of each textarea, with a toolbar, a search for
   links, clean pasting, and advice about long sentences. Without it the textarea itself takes text. */
(() => {
  "use strict";

  const LONG = 20;
  const MOST_ADVICE = 5;
  const FORMATTING = /<\/[a-z][a-z0-9]*\s*>|<br\s*\/?>/i;
  const ADDRESS = /^(https?:\/\/|mailto:|tel:|\/)\S+$/i;
  const WITHOUT_SCHEME = /^(www\.\S+|[\w-]+(\.[\w-]+)*\.(be|com|org|net|eu|gent|vlaanderen|brussels)(\/\S*)?)$/i;
  const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
  let numbered = 0;
  let jargon = null;

  const filled = (pattern, values) =>
    pattern.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  const element = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const idOf = (node, prefix) => node.id || (node.id = `${prefix}-${(numbered += 1)}`);

  const languageOf = (textarea) => textarea.lang || (textarea.name.match(/_(fr|en|de)$/) || ["", "nl"])[1];

  /* What a word processor, a mail program or a web page puts on the clipboard, as plain HTML.
     The security policy blocks inline styles and handlers before anything can read them: they get other names first. */
  function cleanPaste(html) {
    const text = html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/<!--[\s\S]*?-->/g, "");
    const inert = text.replace(/<[a-z][^>]*>/gi, (tag) =>
      tag.replace(/([\s"'/])style\s*=/gi, "$1data-style=").replace(/([\s"'/])on\w+\s*=/gi, "$1data-handler="));
    const page = new DOMParser().parseFromString(inert, "text/html");
    page.querySelectorAll("style, script, title, meta, link, xml, head").forEach((node) => node.remove());
    listsOfWord(page);
    weights(page);
    const renamed = { h1: "h3", h2: "h3", h5: "h4", h6: "h4" };
    page.querySelectorAll(Object.keys(renamed).join()).forEach((node) => {
      const made = page.createElement(renamed[node.localName]);
      made.append(...node.childNodes);
      node.replaceWith(made);
    });
    page.querySelectorAll("p, h3, h4").forEach((node) => {
      if (!node.textContent.trim() && !node.closest("td, th")) node.remove();
    });
    return page.body.innerHTML;
  }

  const styleOf = (node) => node.getAttribute("data-style") || "";

  /* Bold and italic that are said by a style, or denied by one. */
  function weights(page) {
    page.querySelectorAll("[data-style]").forEach((node) => {
      const style = styleOf(node);
      const isLight = /(^|[\s;])font-weight:\s*(normal|[1-5]00)/.test(style);
      node.removeAttribute("data-style");
      if (/^(b|strong)$/.test(node.localName) && isLight) {
        node.replaceWith(...node.childNodes);
        return;
      }
      if (!/^(span|font)$/.test(node.localName)) return;
      for (const [pattern, name] of [[/(^|[\s;])font-weight:\s*(bold|[6-9]00)/, "strong"], [/font-style:\s*italic/, "em"]]) {
        if (pattern.test(style) && node.textContent.trim()) {
          const made = page.createElement(name);
          made.append(...node.childNodes);
          node.append(made);
        }
      }
    });
  }

  /* Word writes list items as paragraphs that begin with a mark. */
  function listsOfWord(page) {
    let list = null;
    let last = null;
    page.querySelectorAll("p, h1, h2, h3, h4").forEach((line) => {
      if (!/mso-list:\s*l\d/.test(styleOf(line))) return;
      const mark = [...line.querySelectorAll("span")].find((span) => /mso-list:\s*Ignore/.test(styleOf(span)));
      const text = mark ? mark.textContent : "";
      if (mark) mark.remove();
      const name = /^\s*\w{1,4}[.)]/.test(text) ? "ol" : "ul";
      if (!last || last !== line.previousElementSibling || list.localName !== name) {
        list = page.createElement(name);
        line.before(list);
        const first = parseInt(text, 10);
        if (name === "ol" && first > 1) list.setAttribute("start", first);
      }
      const item = page.createElement("li");
      item.append(...line.childNodes);
      list.append(item);
      line.remove();
      last = list;
    });
  }

  function extensionsOf(tiptap) {
    const attribute = (name, of = name) => ({
      default: null,
      parseHTML: (node) => node.getAttribute(of),
      renderHTML: (values) => (values[name] ? { [of]: values[name] } : {}),
    });
    const Link = tiptap.Mark.create({
      name: "link",
      inclusive: false,
      addAttributes: () => ({ href: attribute("href"), lang: attribute("lang"), hreflang: attribute("hreflang") }),
      parseHTML: () => [{
        tag: "a[href]",
        getAttrs: (node) => (/^(https?:|mailto:|tel:|pzgent:|\/|[^:]*$)/i.test(node.getAttribute("href")) ? null : false),
      }],
      renderHTML: ({ HTMLAttributes }) => ["a", HTMLAttributes, 0],
    });
    const Abbreviation = tiptap.Mark.create({
      name: "abbreviation",
      addAttributes: () => ({ title: attribute("title") }),
      parseHTML: () => [{ tag: "abbr" }],
      renderHTML: ({ HTMLAttributes }) => ["abbr", HTMLAttributes, 0],
    });
    const Languages = tiptap.Extension.create({
      name: "languages",
      addGlobalAttributes: () => [{ types: ["paragraph", "listItem"], attributes: { lang: attribute("lang") } }],
    });
    const enter = ({ editor }) => editor.commands.splitListItem("listItem");
    // Tab leaves the editor: levels of a list have keys of their own.
    const ListItem = tiptap.ListItem.extend({
      addKeyboardShortcuts() {
        return {
          Enter: () => enter(this),
          "Mod-]": () => this.editor.commands.sinkListItem("listItem"),
          "Mod-[": () => this.editor.commands.liftListItem("listItem"),
        };
      },
    });
    const Table = tiptap.Table.extend({ addKeyboardShortcuts: () => ({}) });
    return [
      tiptap.Document, tiptap.Paragraph, tiptap.Text, tiptap.HardBreak, tiptap.Bold, tiptap.Italic,
      tiptap.BulletList, tiptap.OrderedList, ListItem, tiptap.Blockquote, tiptap.UndoRedo || tiptap.History,
      tiptap.Heading.configure({ levels: [3, 4] }), Table, tiptap.TableRow, tiptap.TableHeader, tiptap.TableCell,
      Link, Abbreviation, Languages,
    ];
  }

  const COMMANDS = {
    bold: (chain) => chain.toggleBold(),
    italic: (chain) => chain.toggleItalic(),
    heading: (chain) => chain.toggleHeading({ level: 3 }),
    subheading: (chain) => chain.toggleHeading({ level: 4 }),
    bullets: (chain) => chain.toggleBulletList(),
    numbers: (chain) => chain.toggleOrderedList(),
    quote: (chain) => chain.toggleBlockquote(),
    table: (chain) => chain.insertTable({ rows: 3, cols: 2, withHeaderRow: true }),
    row: (chain) => chain.addRowAfter(),
    column: (chain) => chain.addColumnAfter(),
    heads: (chain) => chain.toggleHeaderRow(),
    "row-off": (chain) => chain.deleteRow(),
    "column-off": (chain) => chain.deleteColumn(),
    "table-off": (chain) => chain.deleteTable(),
    undo: (chain) => chain.undo(),
    redo: (chain) => chain.redo(),
  };
  const ACTIVE = {
    bold: ["bold"], italic: ["italic"], heading: ["heading", { level: 3 }], subheading: ["heading", { level: 4 }],
    bullets: ["bulletList"], numbers: ["orderedList"], quote: ["blockquote"], link: ["link"],
  };

  async function start(frame) {
    const textarea = frame.querySelector("textarea");
    if (frame.dataset.started || !textarea || /__prefix__/.test(textarea.name)) return;
    frame.dataset.started = "yes";
    const tiptap = await import(frame.dataset.editor);
    const holder = element("div", "", { class: "rich-text-holder" });
    textarea.before(holder);
    const toolbar = frame.querySelector("[role=toolbar]");
    const described = [textarea.getAttribute("aria-describedby"), idOf(frame.querySelector(".rich-text-hint"), "hint")];
    const label = document.querySelector(`label[for="${CSS.escape(textarea.id)}"]`);
    const named = label
      ? { "aria-labelledby": idOf(label, "label") }
      : { "aria-label": textarea.closest("td, .form-row")?.textContent.trim().slice(0, 80) || textarea.name };
    const editor = new tiptap.Editor({
      element: holder,
      extensions: extensionsOf(tiptap),
      content: contentOf(textarea),
      injectCSS: false,
      enableInputRules: false,
      enablePasteRules: false,
      editorProps: {
        attributes: {
          class: "rich-text-area", role: "textbox", "aria-multiline": "true", spellcheck: "true",
          "aria-describedby": described.filter(Boolean).join(" "), ...named,
          lang: languageOf(textarea),
          ...(label && label.classList.contains("required") ? { "aria-required": "true" } : {}),
          ...(textarea.getAttribute("aria-invalid") ? { "aria-invalid": "true" } : {}),
        },
        transformPastedHTML: cleanPaste,
        handleKeyDown: (_view, event) => onKey(event, toolbar, frame, editor),
      },
      onUpdate: () => {
        textarea.value = editor.isEmpty ? "" : editor.getHTML();
        for (const name of ["input", "change"]) textarea.dispatchEvent(new Event(name, { bubbles: true }));
        advise(frame, editor, textarea);
      },
      onTransaction: () => showState(toolbar, editor),
      onFocus: () => advise(frame, editor, textarea),
    });
    textarea.hidden = true;
    if (label) label.addEventListener("click", () => editor.commands.focus());
    frame.querySelectorAll(".rich-text-toolbar, .rich-text-hint").forEach((part) => { part.hidden = false; });
    prepareToolbar(toolbar, frame, editor, holder);
    frame.dispatchEvent(new CustomEvent("rich-text:ready", { bubbles: true }));
  }

  /* What the server made of plain text; a value that the browser put back has to be read here. */
  function contentOf(textarea) {
    const { value } = textarea;
    if (value === textarea.defaultValue && textarea.dataset.html) return textarea.dataset.html;
    if (FORMATTING.test(value)) return value;
    const box = document.createElement("div");
    for (const part of value.split(/\n{2,}/)) {
      const lines = part.split("\n").flatMap((line, place) => (place ? [document.createElement("br"), line] : [line]));
      const paragraph = document.createElement("p");
      paragraph.append(...lines);
      box.append(paragraph);
    }
    return box.innerHTML;
  }

  function onKey(event, toolbar, frame, editor) {
    if (event.altKey && event.key === "F10") {
      (toolbar.querySelector('[tabindex="0"]') || toolbar.querySelector("button")).focus();
      return true;
    }
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openDialog(frame, editor);
      return true;
    }
    return false;
  }

  const visible = (toolbar) => [...toolbar.querySelectorAll("button:not([hidden])")];

  function prepareToolbar(toolbar, frame, editor, holder) {
    toolbar.setAttribute("aria-controls", idOf(holder, "editor"));
    visible(toolbar).forEach((button, place) => { button.tabIndex = place ? -1 : 0; });
    toolbar.querySelectorAll("[data-in-table]").forEach((button) => { button.tabIndex = -1; });
    const focus = (button) => {
      toolbar.querySelectorAll("button").forEach((other) => { other.tabIndex = other === button ? 0 : -1; });
      button.focus();
    };
    toolbar.addEventListener("keydown", (event) => {
      const buttons = visible(toolbar);
      const place = buttons.indexOf(document.activeElement);
      const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: buttons.length - 1 }[event.key];
      if (event.key === "Escape") editor.commands.focus();
      else if (to === undefined) return;
      else focus(buttons[(to + buttons.length) % buttons.length]);
      event.preventDefault();
    });
    // The selection in the text stays while a button is clicked.
    toolbar.addEventListener("mousedown", (event) => event.preventDefault());
    toolbar.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.command === "link") openDialog(frame, editor);
      else COMMANDS[button.dataset.command](editor.chain().focus()).run();
    });
    showState(toolbar, editor);
  }

  function showState(toolbar, editor) {
    const inTable = editor.isActive("table");
    toolbar.querySelectorAll("button").forEach((button) => {
      const active = ACTIVE[button.dataset.command];
      if (active) button.setAttribute("aria-pressed", String(editor.isActive(...active)));
      if ("inTable" in button.dataset) button.hidden = !inTable;
      if (button.dataset.command === "table") button.hidden = inTable;
    });
    if (!toolbar.querySelector('button[tabindex="0"]:not([hidden])')) visible(toolbar)[0].tabIndex = 0;
  }

  /* Links */

  function openDialog(frame, editor) {
    const dialog = document.importNode(frame.querySelector("template").content, true).querySelector("dialog");
    const [input, list, status] = ["input", "ul", ".rich-text-status"].map((part) => dialog.querySelector(part));
    const current = editor.getAttributes("link").href || "";
    const state = { chosen: null, choices: [], place: -1, asked: 0, current };
    dialog.setAttribute("aria-labelledby", idOf(dialog.querySelector("h2"), "link-title"));
    dialog.querySelector("label").htmlFor = idOf(input, "link-input");
    input.setAttribute("aria-controls", idOf(list, "link-list"));
    dialog.querySelector('[data-action="remove"]').hidden = !current;
    const close = () => dialog.close();
    const mark = (place) => {
      state.place = place;
      [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === place)));
      const item = list.children[place];
      if (item) item.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", item ? item.id : "");
    };
    const choose = (choice) => {
      state.chosen = choice;
      input.value = choice.text;
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      status.textContent = filled(status.dataset.address, { text: choice.text });
    };
    const show = (choices) => {
      state.choices = choices;
      list.replaceChildren(...choices.map((choice) => {
        const item = element("li", choice.text, { role: "option" });
        item.append(element("small", choice.kind || ""));
        idOf(item, "link-choice");
        item.addEventListener("mousedown", (event) => event.preventDefault());
        item.addEventListener("click", () => choose(choice));
        return item;
      }));
      list.hidden = !choices.length;
      input.setAttribute("aria-expanded", String(choices.length > 0));
      mark(-1);
    };
    const search = async () => {
      state.chosen = null;
      const words = input.value.trim();
      const typed = addressOf(words);
      const number = (state.asked += 1);
      if (typed) {
        show([]);
        status.textContent = filled(status.dataset.address, { text: typed });
        return;
      }
      if (words.length < 2) { show([]); status.textContent = ""; return; }
      const found = await ask(`${frame.dataset.links}?words=${encodeURIComponent(words)}`, "results");
      if (number !== state.asked) return;
      show(found);
      status.textContent = found.length
        ? filled(status.dataset.found, { count: found.length }) : status.dataset.none;
    };
    const place = () => {
      const typed = addressOf(input.value.trim());
      const choice = state.chosen || state.choices[state.place]
        || (typed && { href: typed, title: input.value.trim() });
      if (!choice) { status.textContent = status.dataset.wrong; input.focus(); return; }
      close();
      placeLink(editor, choice);
    };
    let waiting = 0;
    input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 150); });
    input.addEventListener("keydown", (event) => {
      const { length } = state.choices;
      if (event.key === "ArrowDown" && length) mark((state.place + 1) % length);
      else if (event.key === "ArrowUp" && length) mark((state.place - 1 + length) % length);
      else if (event.key === "Enter" && !list.hidden && state.choices[state.place]) choose(state.choices[state.place]);
      else if (event.key === "Enter") place();
      else return;
      event.preventDefault();
    });
    dialog.addEventListener("click", (event) => {
      const action = event.target.dataset.action;
      if (action === "place") place();
      if (action === "close") close();
      if (action === "remove") { close(); editor.chain().focus().extendMarkRange("link").unsetMark("link").run(); }
    });
    dialog.addEventListener("close", () => { dialog.remove(); editor.commands.focus(); });
    document.body.append(dialog);
    dialog.showModal();
    if (current.startsWith("pzgent:")) showCurrent(frame, current, choose, input);
    else { input.value = current; input.select(); }
  }

  async function showCurrent(frame, current, choose, input) {
    const [known] = await ask(`${frame.dataset.links}?words=${encodeURIComponent(current)}`, "results");
    if (known && !input.value) choose(known);
    input.select();
  }

  async function ask(address, part) {
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      return answer.ok && !answer.redirected ? (await answer.json())[part] : [];
    } catch {
      return [];
    }
  }

  function addressOf(text) {
    if (ADDRESS.test(text)) return text;
    if (MAIL.test(text)) return `mailto:${text}`;
    return WITHOUT_SCHEME.test(text) ? `https://${text}` : "";
  }

  function placeLink(editor, choice) {
    const chain = editor.chain().focus();
    const { empty } = editor.state.selection;
    if (!empty || editor.isActive("link")) {
      chain.extendMarkRange("link").setMark("link", { href: choice.href }).run();
    } else {
      const before = editor.state.selection.$from.nodeBefore;
      const space = before && before.isText && !/\s$/.test(before.text) ? [{ type: "text", text: " " }] : [];
      chain.insertContent([
        ...space,
        { type: "text", text: choice.title || choice.text, marks: [{ type: "link", attrs: { href: choice.href } }] },
      ]).unsetMark("link").run();
    }
  }

  /* Advice while writing */

  function sentencesOf(editor) {
    const blocks = [];
    editor.state.doc.descendants((node) => {
      if (!node.isTextblock) return true;
      blocks.push(node.textBetween(0, node.content.size, " ", " "));
      return false;
    });
    return blocks.flatMap((text) => text.match(/.*?[.!?…](?=\s|$)|.+$/g) || []).map((text) => text.trim());
  }

  const wordsOf = (text) => text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));

  async function advise(frame, editor, textarea) {
    const place = frame.querySelector(".rich-text-advice");
    const sentences = sentencesOf(editor);
    const long = sentences.filter((sentence) => wordsOf(sentence).length > LONG).slice(0, MOST_ADVICE);
    const lines = long.map((sentence) => filled(place.dataset.long, {
      count: wordsOf(sentence).length, text: `${wordsOf(sentence).slice(0, 6).join(" ")} …`,
    }));
    if (languageOf(textarea) === "nl") {
      jargon = jargon || ask(frame.dataset.jargon, "words");
      const known = await jargon;
      const used = new Set(sentences.join(" ").split(/[^\p{L}\p{N}&-]+/u));
      const found = known.filter((word) => used.has(word));
      if (found.length) lines.push(filled(place.dataset.words, { text: found.join(", ") }));
    }
    const text = lines.join("\n");
    if (place.dataset.shown === text) return;
    place.dataset.shown = text;
    place.hidden = !lines.length;
    const list = element("ul", "");
    list.append(...lines.map((line) => element("li", line)));
    place.replaceChildren(...(lines.length ? [list] : []));
  }

  function startAll(root) {
    root.querySelectorAll("[data-rich-text]").forEach((frame) => start(frame).catch(() => {}));
  }

  document.addEventListener("DOMContentLoaded", () => startAll(document));
  document.addEventListener("formset:added", (event) => startAll(event.target));
})();

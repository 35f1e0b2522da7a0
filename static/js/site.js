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
  });
})();

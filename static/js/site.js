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
  all("a[data-leave]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    location.replace(link.href);
  }));
})();

// Asks before a page is left on which something was typed; comfort only, every form works without it.
(() => {
  const form = document.querySelector("#content-main form[method=post]");
  if (!form) { return; }

  const typed = () => new URLSearchParams(
    Array.from(new FormData(form)).map(([name, value]) => [name, value instanceof File ? value.name : value]),
  ).toString();

  // Other scripts fill in fields while the page opens: compare with what stands there when somebody starts.
  let before = null;
  const begin = () => { before ??= typed(); };
  for (const kind of ["keydown", "pointerdown", "focusin"]) { addEventListener(kind, begin, { capture: true }); }

  // A form that was refused, or only checked, holds what is not saved.
  const isRefused = document.querySelector("#problems, [data-unsaved]") !== null;
  let isSent = false;
  form.addEventListener("submit", () => { isSent = true; });
  addEventListener("pageshow", () => { isSent = false; });
  addEventListener("beforeunload", (event) => {
    const isChanged = before !== null && typed() !== before;
    if (!isSent && (isChanged || (isRefused && before !== null))) { event.preventDefault(); }
  });
})();

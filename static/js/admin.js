// Names for the controls that other scripts of the admin make: choices that search, and filters of long lists.
"use strict";

(function () {
  // A choice that searches is a box beside the hidden list: it takes the name of that list.
  function nameChoice(select) {
    const box = select.nextElementSibling;
    if (!box || !box.matches(".select2-container")) {
      return;
    }
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    const name = select.getAttribute("aria-label") || (label ? label.textContent.trim().replace(/:$/, "") : select.name);
    for (const part of box.querySelectorAll("[role=combobox], .select2-search__field")) {
      part.setAttribute("aria-label", name);
      part.removeAttribute("aria-labelledby");
    }
    // What is chosen describes the box; it is no text field of its own.
    const chosen = box.querySelector(".select2-selection__rendered[id]");
    const selection = box.querySelector("[role=combobox]");
    if (chosen && selection) {
      chosen.removeAttribute("role");
      chosen.removeAttribute("aria-readonly");
      selection.setAttribute("aria-describedby", chosen.id);
    }
  }

  // Among several choices, the button that clears them stands in their list.
  function placeClear(button) {
    button.setAttribute("role", "listitem");
  }

  // The field to search in opens at the end of the page, while its box is marked as open.
  function nameSearch(field) {
    const open = document.querySelector(".select2-container--open [role=combobox]");
    if (open) {
      field.setAttribute("aria-label", open.getAttribute("aria-label"));
    }
  }

  function nameAll() {
    document.querySelectorAll("select.select2-hidden-accessible").forEach(nameChoice);
    document.querySelectorAll(".select2-dropdown .select2-search__field").forEach(nameSearch);
    document.querySelectorAll("ul > .select2-selection__clear").forEach(placeClear);
    document.querySelectorAll("span[aria-label]:not([role])").forEach((part) => part.setAttribute("role", "img"));
  }

  function isMade(change) {
    return [...change.addedNodes].some((node) => node.nodeType === Node.ELEMENT_NODE);
  }

  // A refused form without a list of what is wrong opens at its first wrong field.
  function goToWrong() {
    const wrong = document.querySelector("#content [aria-invalid=true]:not([type=hidden])");
    if (wrong && !document.getElementById("problems")) {
      wrong.focus();
    }
  }

  goToWrong();
  nameAll();
  new MutationObserver(function (changes) {
    if (changes.some(isMade)) {
      nameAll();
    }
  }).observe(document.body, {childList: true, subtree: true});
})();

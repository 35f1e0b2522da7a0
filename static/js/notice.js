// The languages of an urgent notice stand beside each other where there is room: all are open then.
"use strict";

if (window.matchMedia("(min-width: 900px)").matches) {
  document.querySelectorAll("details.language").forEach((language) => {
    language.open = true;
  });
}

// Finds opening hours in the list, and ticks those of a place; without script the server does the second.
(() => {
  const list = document.getElementById("hours-list");
  const find = document.getElementById("find-hours");
  if (!list || !find) { return; }
  const rows = Array.from(list.tBodies[0].rows);
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  find.closest(".find-row").hidden = false;
  find.addEventListener("input", () => {
    const words = fold(find.value).split(/\s+/).filter(Boolean);
    rows.forEach((row) => { row.hidden = !words.every((word) => fold(row.textContent).includes(word)); });
  });
  find.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); } });

  // The rows say what is ticked: a place must not tick again what somebody unticked.
  const places = Array.from(document.querySelectorAll(".places input[type=checkbox]"));
  places.forEach((place) => {
    place.addEventListener("change", () => {
      rows.filter((row) => (row.dataset.places ?? "").split(" ").includes(place.value))
        .forEach((row) => { row.querySelector("input").checked = place.checked; });
    });
  });
  list.closest("form").addEventListener("submit", () => { places.forEach((place) => { place.checked = false; }); });
})();

// Copies a day of the week grid as soon as it is chosen; without script the server does so when the form is sent.
(() => {
  const grid = document.querySelector(".week-grid");
  if (!grid) { return; }
  const total = document.querySelector("[name='slots-TOTAL_FORMS']");
  const rows = Array.from(grid.querySelectorAll(".week-day"));
  const periodsOf = (row) => Array.from(row.querySelectorAll(".period"))
    .map((box) => Array.from(box.querySelectorAll("input:not([type=hidden])")))
    .filter((inputs) => inputs.length === 2);
  const targets = {
    next: (day) => [(day + 1) % 7],
    weekdays: (day) => [0, 1, 2, 3, 4].filter((other) => other !== day),
    week: (day) => [0, 1, 2, 3, 4, 5, 6].filter((other) => other !== day),
  };

  const add = (row) => {
    const boxes = row.querySelectorAll(".period");
    const box = boxes[boxes.length - 1].cloneNode(true);
    const number = total.value;
    box.querySelectorAll(".errorlist").forEach((list) => list.remove());
    box.querySelectorAll("input").forEach((input) => {
      if (/-(id|schedule)$/.test(input.name)) { input.remove(); return; }
      input.name = input.name.replace(/-\d+-/, `-${number}-`);
      input.id = input.id.replace(/-\d+-/, `-${number}-`);
    });
    box.querySelectorAll("label").forEach((label) => {
      label.htmlFor = label.htmlFor.replace(/-\d+-/, `-${number}-`);
    });
    boxes[0].parentNode.append(box);
    total.value = String(Number(number) + 1);
  };

  const copy = (from, to) => {
    const times = periodsOf(from).map((inputs) => inputs.map((input) => input.value)).filter(([a, b]) => a || b);
    while (periodsOf(to).length < times.length) { add(to); }
    periodsOf(to).forEach((inputs, number) => {
      inputs.forEach((input, side) => { input.value = (times[number] ?? ["", ""])[side]; });
    });
  };

  // A keyboard changes the choice on the way to another one: copy when the choice is left, or on Enter.
  grid.querySelectorAll(".copy-day").forEach((choice) => {
    const carryOut = () => {
      const row = choice.closest(".week-day");
      const chosen = targets[choice.value];
      if (!chosen) { return; }
      chosen(Number(row.dataset.day)).forEach((day) => copy(row, rows[day]));
      choice.value = "";
    };
    let byKeyboard = false;
    choice.addEventListener("keydown", (event) => {
      byKeyboard = true;
      if (event.key === "Enter") { event.preventDefault(); carryOut(); }
    });
    choice.addEventListener("pointerdown", () => { byKeyboard = false; });
    choice.addEventListener("change", () => { if (!byKeyboard) { carryOut(); } });
    choice.addEventListener("blur", carryOut);
  });
})();

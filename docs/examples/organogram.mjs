const answer = await fetch("http://127.0.0.1:8000/api/v1/organogram");
const organogram = await answer.json();

function show(unit, level = 0) {
  console.log("  ".repeat(level) + unit.name);
  for (const part of unit.children ?? []) show(part, level + 1);
}

show(organogram.root);

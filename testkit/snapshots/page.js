"use strict";
const groups = [...document.querySelectorAll("section.group")];
const choices = ["class", "integration"].map((id) => document.getElementById(id)).filter(Boolean);

function show() {
  const [kind, integration] = choices.map((choice) => choice.value);
  for (const group of groups) {
    const isOf = !integration || group.dataset.integrations.split(" ").includes(integration);
    group.hidden = !(isOf && (!kind || group.dataset.class === kind));
  }
  const shown = groups.filter((group) => !group.hidden).length;
  document.getElementById("shown").textContent = `${shown} of ${groups.length} shown`;
}

function step(event) {
  const by = { j: 1, k: -1 }[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select")) return;
  const visible = groups.filter((group) => !group.hidden);
  const here = visible.indexOf(document.activeElement.closest("section.group"));
  const next = visible[here < 0 ? (by > 0 ? 0 : visible.length - 1) : here + by];
  if (next) { next.focus(); next.scrollIntoView({ block: "start" }); }
}

for (const choice of choices) choice.addEventListener("change", show);
document.addEventListener("keydown", step);

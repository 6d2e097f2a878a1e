"use strict";
const main = document.querySelector("main");
const pause = (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds));

function show(text) {
  const open = [...main.querySelectorAll("details[open]")].map((each) => each.id);
  main.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
}

async function follow() {
  for (let version = "0"; ; ) {
    const answer = await fetch(`since/${version}`);
    if (!answer.ok) throw new Error(answer.status);
    const found = answer.headers.get("X-Version");
    if (found !== version) show(await answer.text());
    version = found;
    await pause(200);
  }
}

follow().catch(() => {
  const said = main.querySelector("[role=status]");
  said.textContent += "; the page is not served any more";
});

// The audience is counted anew after each change; a list of segments is narrowed as one types.
let pressed = false; // whether a button among the segments was pressed last

document.addEventListener("campaign:saved", () => {
  const counts = document.querySelector("#audience-counts");
  if (counts) htmx.trigger(counts, "recount");
});

function narrow(search) {
  const list = search.closest("details");
  const words = search.value.trim().toLowerCase().split(/\s+/);
  let shown = 0;
  for (const row of list.querySelectorAll("[data-words]")) {
    row.hidden = !words.every((word) => row.dataset.words.includes(word));
    if (!row.hidden) shown += 1;
  }
  list.querySelector("[data-picker-none]").hidden = shown > 0;
}

document.addEventListener("input", ({ target }) => {
  if (target.matches?.("[data-picker-search]")) narrow(target);
});

// Enter in the search is not meant to save.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches?.("[data-picker-search]")) event.preventDefault();
});

// What has the focus may be gone with its segment: whoever uses the keyboard goes on nearby.
document.addEventListener("campaign:drawn", ({ target }) => {
  if (target.id === "editor") {
    const notice = target.querySelector("[data-notice]");
    notice?.focus();
    notice?.scrollIntoView({ block: "center" });
  }
  if (target.id !== "targets" && target.id !== "editor") return;
  for (const search of target.querySelectorAll("[data-picker-search]")) narrow(search);
  if (target.id === "targets" && document.activeElement === document.body && pressed) target.querySelector(".picker > summary")?.focus();
  pressed = false;
});

document.addEventListener("submit", ({ submitter }) => {
  pressed = Boolean(submitter?.closest("#targets"));
});

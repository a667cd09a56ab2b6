// Columns are ordered by dragging, by their buttons, or with Alt and the arrow keys; the form sends them in order.
const list = (element) => element.closest("[data-columns-list]");

function say(choice) {
  const chosen = [...list(choice).children].filter((one) => one.querySelector(":checked"));
  const form = choice.closest("[data-columns]");
  const name = choice.querySelector("label").textContent.trim();
  form.querySelector("[data-columns-said]").textContent = `${name} is at place ${chosen.indexOf(choice) + 1} of ${chosen.length}`;
}

function move(choice, by, focus) {
  const other = by < 0 ? choice.previousElementSibling : choice.nextElementSibling;
  if (!other?.querySelector(":checked")) return;
  if (by < 0) other.before(choice);
  else other.after(choice);
  focus.focus();
  choice.scrollIntoView({ block: "nearest" });
  say(choice);
}

// What is ticked joins the end of those that are shown; what no longer is comes right after them.
function place(choice) {
  const others = [...list(choice).children].filter((one) => one !== choice);
  const last = others.filter((one) => one.querySelector(":checked")).at(-1);
  if (last) last.after(choice);
  else list(choice).prepend(choice);
  buttons(choice);
}

function buttons(choice) {
  if (choice.querySelector("[data-move]")) return;
  const name = choice.querySelector("label").textContent.trim();
  const model = list(choice).querySelector("[data-move]")?.closest("li");
  for (const one of model?.querySelectorAll("[data-move]") ?? []) {
    const button = one.cloneNode(true);
    button.ariaLabel = `Move ${name} ${button.dataset.move < 0 ? "up" : "down"}`;
    choice.append(button);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-columns] [data-move]");
  if (!button) return;
  event.preventDefault();
  move(button.closest("li"), Number(button.dataset.move), button);
});

document.addEventListener("keydown", (event) => {
  const choice = event.target.closest?.("[data-columns-list] li");
  if (!choice || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  move(choice, event.key === "ArrowUp" ? -1 : 1, event.target);
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-columns-list] input")) return;
  const choice = target.closest("li");
  place(choice);
  target.focus();
  choice.scrollIntoView({ block: "nearest" });
  say(choice);
});

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-columns-search]")) return;
  const words = target.value.trim().toLowerCase().split(/\s+/);
  for (const choice of target.closest("[data-columns]").querySelectorAll("[data-column]")) {
    choice.hidden = !words.every((word) => choice.dataset.column.includes(word));
  }
});

// Before the list itself hears of it: a dialog comes whenever it is asked for.
document.addEventListener("pointerdown", ({ target }) => {
  const choices = target.closest?.("[data-columns-list]");
  if (!choices || Sortable.get(choices)) return;
  Sortable.create(choices, {
    forceFallback: true, // the same everywhere
    handle: "[data-grip]",
    ghostClass: "is-moving",
    animation: 120,
    onMove: ({ related }) => Boolean(related.querySelector(":checked")),
    onEnd: ({ item }) => say(item),
  });
}, true);

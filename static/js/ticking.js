// Which rows of a list are ticked, and the bar of what can be done with them, there while any are.
// With data-bulk="keep" they stay so when the list refreshes itself.
const bar = () => document.querySelector("[data-bulk]");
const ticks = () => [...document.querySelectorAll("[data-bulk-one]")];

const kept = new Set();

function keep() {
  for (const tick of ticks()) kept[tick.checked ? "add" : "delete"](tick.value);
}

function restore() {
  if (bar()?.dataset.bulk === "keep") for (const tick of ticks()) tick.checked = kept.has(tick.value);
  show();
}

function show() {
  const form = bar();
  if (!form) return;
  const all = form.querySelector("[data-bulk-all]");
  const number = ticks().filter((tick) => tick.checked).length;
  form.hidden = number === 0 && !all?.checked;
  form.querySelector("[data-bulk-number]").textContent = all?.checked ? "All that match" : `${number} chosen`;
  const page = document.querySelector("[data-bulk-page]");
  if (!page) return;
  page.checked = number > 0 && number === ticks().length;
  page.indeterminate = number > 0 && !page.checked;
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-bulk-page]")) {
    for (const tick of ticks()) tick.checked = target.checked;
  } else if (!target.matches("[data-bulk-one], [data-bulk-all]")) {
    return;
  }
  keep();
  show();
});

// A shadow says that the names stand above columns that have gone under them.
document.addEventListener("scroll", ({ target }) => {
  if (target.matches?.(".contact-card")) target.classList.toggle("is-scrolled", target.scrollLeft > 0);
}, true);

document.addEventListener("htmx:afterSwap", restore);
window.addEventListener("pageshow", () => { keep(); show(); });
show();

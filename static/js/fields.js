// Fields ordered by dragging. The buttons of each row do the same for keyboards and without JavaScript.
const OPTIONS = {
  handle: "[data-drag]",
  draggable: "tr",
  animation: 120,
  ghostClass: "is-lifted",
  onEnd: ({ item, oldIndex, newIndex }) => {
    if (oldIndex === newIndex) return;
    const form = item.querySelector("form[data-move]");
    const values = { ...Object.fromEntries(new FormData(form)), place: newIndex };
    htmx.ajax("POST", form.action, { source: form, target: "#fields", swap: "morph:outerHTML", values });
  },
};

function attach() {
  for (const list of document.querySelectorAll("[data-order]")) {
    if (!Sortable.get(list)) Sortable.create(list, OPTIONS);
  }
}

document.addEventListener("DOMContentLoaded", attach);
document.addEventListener("htmx:afterSettle", attach);
attach();

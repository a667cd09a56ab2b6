// Dragging blocks of a message; the buttons of each block do the same. And the question before another format.
import { save } from "./saving.js";

const OPTIONS = {
  handle: "[data-drag]",
  draggable: "[data-block]",
  animation: 120,
  forceFallback: true,
  fallbackOnBody: true,
  fallbackTolerance: 4,
  fallbackClass: "drag-ghost",
  ghostClass: "is-lifted",
  scrollSensitivity: 70,
  scrollSpeed: 16,
  onStart: start,
  onEnd: end,
};

function attach() {
  const list = document.querySelector("[data-blocks]");
  if (list && !Sortable.get(list)) Sortable.create(list, OPTIONS);
}

function start() {
  // The copy under the pointer has the ids and names of what it was copied from.
  const copy = Sortable.ghost;
  if (!copy) return;
  for (const element of [copy, ...copy.querySelectorAll("[id], [name]")]) {
    element.removeAttribute("id");
    element.removeAttribute("name");
  }
  copy.inert = true;
  copy.setAttribute("aria-hidden", "true");
}

function end({ item, oldDraggableIndex, newDraggableIndex }) {
  if (oldDraggableIndex === newDraggableIndex) return;
  save(item.closest("form"), { do: `move:${item.dataset.block}:${newDraggableIndex}` });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-warning]");
  if (button && !window.confirm(button.dataset.warning)) event.preventDefault();
});

document.addEventListener("campaign:drawn", attach);
attach();

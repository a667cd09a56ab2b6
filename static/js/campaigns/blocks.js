// Dragging blocks of a message; the buttons of each block do the same. SortableJS picks up and follows
// the pointer; the list stays as it is until the server has moved the block. And the question
// before another format.
import { scrollAtEdges } from "../edges.js";
import { save } from "./saving.js";

const line = Object.assign(document.createElement("div"), { className: "drop-line", hidden: true });
document.body.append(line);
let drag = null;

const OPTIONS = {
  handle: "[data-drag]",
  draggable: "[data-block]",
  forceFallback: true,
  fallbackOnBody: true,
  fallbackTolerance: 4,
  fallbackClass: "drag-ghost",
  ghostClass: "is-lifted",
  scroll: false,
  onMove: () => false,
  onStart: start,
  onEnd: end,
};

function attach() {
  const list = document.querySelector("[data-blocks]");
  if (list && !Sortable.get(list)) Sortable.create(list, OPTIONS);
}

function start({ item, originalEvent }) {
  drag = { item, y: (originalEvent?.touches?.[0] ?? originalEvent)?.clientY ?? innerHeight / 2, index: null };
  document.documentElement.classList.add("is-dragging");
  // The copy under the pointer has the ids and names of what it was copied from.
  const copy = Sortable.ghost;
  for (const element of [copy, ...copy.querySelectorAll("[id], [name]")]) {
    element.removeAttribute("id");
    element.removeAttribute("name");
  }
  copy.inert = true;
  copy.setAttribute("aria-hidden", "true");
  scrollAtEdges(() => (canLand() ? drag.y : null));
}

// What is drawn anew meanwhile is another element.
const canLand = () => drag && !drag.isCancelled && drag.item.isConnected;

function follow(event) {
  if (!canLand()) return;
  if (event.type !== "scroll") drag.y = event.clientY;
  show();
}

function show() {
  const list = drag.item.parentElement;
  const all = [...list.querySelectorAll("[data-block]")];
  const others = all.filter((one) => one !== drag.item);
  const found = others.findIndex((one) => drag.y < middle(one));
  drag.index = found < 0 ? others.length : found;
  line.hidden = drag.index === all.indexOf(drag.item);
  const box = list.getBoundingClientRect();
  const top = drag.index < others.length ? others[drag.index].getBoundingClientRect().top : others.at(-1)?.getBoundingClientRect().bottom + 8;
  line.style.left = `${box.left}px`;
  line.style.width = `${box.width}px`;
  line.style.top = `${top - 6}px`;
}

function middle(block) {
  const { top, height } = block.getBoundingClientRect();
  return top + height / 2;
}

function end() {
  // The page may have scrolled under the pointer since it was moved.
  if (canLand()) show();
  const isMoved = canLand() && !line.hidden;
  const { item, index } = drag;
  stop();
  if (isMoved) save(item.closest("form"), { do: `move:${item.dataset.block}:${index}` });
}

function stop() {
  drag = null;
  line.hidden = true;
  document.documentElement.classList.remove("is-dragging");
}

document.addEventListener("pointermove", follow, true);
document.addEventListener("scroll", follow, true);
document.addEventListener("keydown", (event) => {
  if (!drag || event.key !== "Escape") return;
  event.preventDefault();
  drag.isCancelled = true;
  line.hidden = true;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-warning]");
  if (button && !window.confirm(button.dataset.warning)) event.preventDefault();
});

document.addEventListener("campaign:drawn", attach);
attach();

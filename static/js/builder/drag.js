// Dragging with mouse and touch. SortableJS picks up and follows the pointer; the canvas
// stays as it is until the server has moved the node. The menu of each node does the same by buttons.
import { scrollAtEdges } from "../edges.js";
import { announce } from "./nodes.js";
import { placeAt } from "./place.js";
import { select } from "./select.js";

const LISTS = "[data-children], [data-palette-list]";
const line = Object.assign(document.createElement("div"), { className: "drop-line", hidden: true });
document.body.append(line);
let drag = null;

const OPTIONS = {
  forceFallback: true, // the same everywhere, and what follows the pointer is ours to style
  fallbackOnBody: true,
  fallbackTolerance: 4,
  fallbackClass: "drag-ghost",
  ghostClass: "is-lifted",
  dragClass: "is-dragged",
  scroll: false,
  onMove: () => false,
  onStart: start,
  onEnd: end,
};
const ROWS = { group: { name: "conditions" }, handle: "[data-drag]", draggable: "[data-node]" };
const BLOCKS = {
  group: { name: "blocks", pull: "clone", put: false },
  sort: false,
  delay: 180, // so that a finger can scroll the palette
  delayOnTouchOnly: true,
  touchStartThreshold: 6,
};

function attach(root) {
  const lists = [...root.querySelectorAll(LISTS), ...(root.matches?.(LISTS) ? [root] : [])];
  for (const list of lists) {
    if (!Sortable.get(list)) Sortable.create(list, { ...OPTIONS, ...(list.matches("[data-children]") ? ROWS : BLOCKS) });
  }
}

function start({ item, originalEvent }) {
  const { clientX: x, clientY: y = innerHeight / 2 } = originalEvent?.touches?.[0] ?? originalEvent ?? {};
  drag = { item, place: null, x, y, isCancelled: false };
  document.documentElement.classList.add("is-dragging");
  // The copy under the pointer has the ids of what it was copied from.
  for (const element of [Sortable.ghost, ...Sortable.ghost.querySelectorAll("[id]")]) element.removeAttribute("id");
  Sortable.ghost.inert = true;
  Sortable.ghost.setAttribute("aria-hidden", "true");
  scrollAtEdges(() => (drag && !drag.isCancelled ? drag.y : null));
}

function follow(event) {
  if (!drag) return;
  if (event.type !== "scroll") Object.assign(drag, { x: event.clientX, y: event.clientY });
  show(drag.isCancelled ? null : placeAt(drag.x, drag.y, drag.item));
}

function show(place) {
  drag.place?.group.classList.remove("is-target");
  drag.place = place;
  line.hidden = !place;
  if (!place) return;
  place.group.classList.add("is-target");
  line.style.left = `${place.line.left}px`;
  line.style.top = `${place.line.top - 1.5}px`;
  line.style.width = `${place.line.width}px`;
}

function end() {
  const { item, place } = drag;
  show(null);
  drag = null;
  document.documentElement.classList.remove("is-dragging");
  // SortableJS swallows the click that follows a drag by mouse; after one by touch there is
  // none, and it would swallow the next tap.
  setTimeout(() => document.body.dispatchEvent(new MouseEvent("click", { bubbles: false })));
  if (place) send(item, { target: place.target, index: place.index });
}

function send(item, place) {
  const form = document.querySelector("[data-move-form]");
  const { node, block } = item.dataset;
  if (node) {
    select(node);
    item.focus({ preventScroll: true });
  }
  const values = node ? { do: "move", node, ...place } : { do: `add:${block}`, ...place };
  htmx.ajax("POST", form.action, { source: form, values });
}

document.addEventListener("pointermove", follow, true);
document.addEventListener("scroll", follow, true);
document.addEventListener("keydown", (event) => {
  if (!drag || event.key !== "Escape") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  drag.isCancelled = true;
  show(null);
  announce("Not moved.");
}, true);

attach(document);
htmx.onLoad(attach);

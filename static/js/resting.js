// SortableJS passes over movements that follow each other fast, so it may not know yet that the
// pointer has come to rest near an edge, where it has to scroll: it is told again.
const REST_MS = 50;
let rest = 0;

export function tellAgain(event, isDragging) {
  if (!event.isTrusted || event.type !== "pointermove") return;
  clearTimeout(rest);
  rest = setTimeout(() => isDragging() && document.dispatchEvent(new PointerEvent("pointermove", event)), REST_MS);
}

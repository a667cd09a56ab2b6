// The selected node is the one that last had the focus; new conditions go after it.
import { byId, canvas, childrenOf, groupOf, isGroup, nodeOf } from "./nodes.js";

let selected = "";

export const selectedNode = () => byId(selected);

export function select(id) {
  selected = id;
  show();
}

function show() {
  for (const node of canvas().querySelectorAll("[data-selected]")) {
    if (node.dataset.node !== selected) node.removeAttribute("data-selected");
  }
  const node = selectedNode();
  node?.setAttribute("data-selected", "");
  aim(node ?? canvas().querySelector("[data-node]"));
}

// Where the palette adds: after the selected condition, or at the end of the selected group.
function aim(node) {
  const group = isGroup(node) ? node : groupOf(node);
  const index = group === node ? "" : childrenOf(group).indexOf(node) + 1;
  const palette = document.querySelector("[data-palette]");
  palette.querySelector("[data-palette-target]").value = group.dataset.node;
  palette.querySelector("[data-palette-index]").value = index;
  palette.querySelector("[data-palette-place]").textContent = said(group, node);
}

function said(group, node) {
  if (group !== node) return "Goes after the selected condition";
  const name = group.querySelector(":scope > .group-head .group-name")?.value;
  if (name) return `Goes into “${name}”`;
  return group.matches(".group-root") ? "Goes to the end" : "Goes into the selected subsegment";
}

document.addEventListener("focusin", (event) => {
  const node = nodeOf(event.target);
  if (node && node.dataset.node !== selected) select(node.dataset.node);
});
document.addEventListener("htmx:afterRequest", show);
show();

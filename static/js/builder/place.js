// Where something that is dragged would land: which group, before which of its children.
import { canvas, childrenOf, groupOf, isGroup, nodeOf } from "./nodes.js";
import { isFolded } from "./fold.js";

const EDGE = 9; // pixels of a group's border that still count as beside it, not as inside

export function placeAt(x, y, dragged) {
  const group = groupAt(x, y);
  if (!group || dragged.contains(group)) return null;
  const others = childrenOf(group).filter((child) => child !== dragged);
  const found = others.findIndex((child) => y < middle(child));
  const index = found < 0 ? others.length : found;
  if (isThereAlready(group, index, dragged)) return null;
  return { group, target: group.dataset.node, index, line: lineAt(group, others, index) };
}

function groupAt(x, y) {
  const root = canvas().querySelector(".group-root");
  const under = document.elementFromPoint(x, y);
  let group = nodeOf(under);
  if (!group) return isBeside(root, x) && !under?.closest(".palette, .result") ? root : null;
  while (group !== root && (!isGroup(group) || isFolded(group) || isAtEdge(group, y))) group = groupOf(group);
  return group;
}

function isBeside(root, x) {
  const { left, right } = root.getBoundingClientRect();
  return x >= left && x <= right;
}

function isAtEdge(group, y) {
  const { top, bottom } = group.getBoundingClientRect();
  return y - top < EDGE || bottom - y < EDGE;
}

function middle(element) {
  const { top, height } = element.getBoundingClientRect();
  return top + height / 2;
}

function isThereAlready(group, index, dragged) {
  const all = childrenOf(group);
  return all.includes(dragged) && all.indexOf(dragged) === index;
}

// In pixels of the window: the line that shows the place.
function lineAt(group, others, index) {
  const body = group.querySelector(":scope > .group-body").getBoundingClientRect();
  const before = others[index - 1]?.getBoundingClientRect();
  const after = others[index]?.getBoundingClientRect();
  if (before && after && after.top - before.bottom < 40) return { ...across(before), top: (before.bottom + after.top) / 2 };
  if (before && !after) return { ...across(before), top: before.bottom + 6 };
  if (after) return { ...across(after), top: after.top - 6 };
  return { left: body.left, width: body.width, top: body.top + 6 };
}

const across = ({ left, width }) => ({ left, width });

// Groups fold away; what is folded stays so over answers and reloads, in this tab.
import { byId, nodeOf } from "./nodes.js";

const KEY = `folded ${location.pathname}`;
const folded = new Set(JSON.parse(sessionStorage.getItem(KEY) ?? "[]"));

export const isFolded = (group) => folded.has(group.dataset.node);

export function fold(group, isToFold = !isFolded(group)) {
  if (isToFold) folded.add(group.dataset.node);
  else folded.delete(group.dataset.node);
  sessionStorage.setItem(KEY, JSON.stringify([...folded]));
  show(group);
}

export function unfoldAround(element) {
  for (let group = nodeOf(element); group; group = nodeOf(group.parentElement)) {
    if (isFolded(group) && group !== element) fold(group, false);
  }
}

function show(group) {
  const button = group.querySelector(":scope > .group-head [data-fold]");
  if (!button) return;
  group.classList.toggle("is-folded", isFolded(group));
  button.setAttribute("aria-expanded", String(!isFolded(group)));
}

function showAll() {
  for (const id of folded) {
    const group = byId(id);
    if (group) show(group);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-fold]");
  if (button) fold(nodeOf(button));
});
document.addEventListener("htmx:afterRequest", showAll);
showAll();

// The whole builder by keyboard; `?` lists the keys.
import { announce, childrenOf, firstControl, formOf, groupOf, isGroup, isTyping, nodeOf, visibleNodes } from "./nodes.js";
import { fold, isFolded } from "./fold.js";
import { openPalette } from "./palette.js";
import { select } from "./select.js";

const box = document.querySelector("[data-keys]");
const MOVES = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };
const NOT_POSSIBLE = {
  up: "It is the first one already.",
  down: "It is the last one already.",
  in: "There is no subsegment beside it.",
  out: "It is not in a subsegment.",
};

function press(node, key) {
  const button = formOf(node).querySelector(`[data-key="${key}"]`);
  if (button) button.click();
  else announce(NOT_POSSIBLE[key] ?? "That is not possible here.");
}

function step(node, by) {
  const all = visibleNodes();
  all[all.indexOf(node) + by]?.focus();
}

function inside(node) {
  if (!isGroup(node)) return;
  if (isFolded(node)) fold(node, false);
  childrenOf(node)[0]?.focus();
}

function add(node) {
  if (isGroup(node)) openPalette(node.dataset.node);
  else {
    openPalette();
    select(node.dataset.node);
  }
}

// Someone who presses Delete twice means the next one the second time.
function remove(node) {
  const all = [...(node.parentElement?.children ?? [])];
  const place = all.indexOf(node);
  press(node, "remove");
  (all[place + 1] ?? all[place - 1] ?? groupOf(node))?.focus();
}

const PLAIN = {
  ArrowUp: (node) => step(node, -1),
  ArrowDown: (node) => step(node, 1),
  ArrowLeft: (node) => groupOf(node)?.focus(),
  ArrowRight: inside,
  Enter: (node) => firstControl(node)?.focus(),
  Delete: remove,
  Backspace: remove,
  " ": (node) => isGroup(node) && fold(node),
  a: add,
};
const WITH_CONTROL = { d: (node) => press(node, "duplicate"), g: (node) => press(node, "wrap") };

function chosen(event) {
  const isControl = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.altKey) return MOVES[key] && !isControl ? (node) => press(node, MOVES[key]) : null;
  return (isControl ? WITH_CONTROL[key] : !event.shiftKey && PLAIN[key]) || null;
}

function onNode(event) {
  const act = chosen(event);
  if (!act) return;
  event.preventDefault();
  act(event.target);
}

function backToNode(event) {
  const node = nodeOf(event.target);
  if (node) node.focus();
}

function history(event) {
  event.preventDefault();
  const button = document.querySelector(`[data-key="${event.shiftKey || event.key.toLowerCase() === "y" ? "redo" : "undo"}"]`);
  if (button.disabled) announce("There is nothing to take back.");
  else button.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const isHistory = (event.ctrlKey || event.metaKey) && !event.altKey && ["z", "y"].includes(event.key.toLowerCase());
  if (isHistory && !isTyping(event.target)) history(event);
  else if (event.key === "?" && !isTyping(event.target)) box.showModal();
  else if (event.target.matches?.("[data-canvas] [data-node]")) onNode(event);
  else if (event.key === "Escape") backToNode(event);
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys-open]")) box.showModal();
  else if (event.target === box || event.target.closest?.("[data-keys-close]")) box.close();
});

// Keeps the focus where it was when a part is drawn anew, and leads it to what is new.
import { byId, canvas, firstControl, groupOf, isTyping, nodeOf } from "./nodes.js";
import { unfoldAround } from "./fold.js";
import { isUnsent } from "./unsent.js";

const KEPT = ".node-count"; // filled by the result, which comes later
let before = null;

// What is being typed stays. Everything else follows the server, so it must not be the
// active element, which is left as it is, while it is drawn anew.
Idiomorph.defaults.ignoreActiveValue = true;
Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => {
  if (old.nodeType !== Node.ELEMENT_NODE) return true;
  if (old.id === "result" || isUnsent(old)) return false;
  return !(old.matches(KEPT) && !fresh.hasChildNodes());
};

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.shouldSwap) return;
  const active = document.activeElement;
  if (!active?.closest?.(".shell-main") || active.matches(".shell-main")) return;
  before = remembered(active);
  if (!isTyping(active)) active.blur();
});

function remembered(active) {
  const node = nodeOf(active);
  return { active, id: active.id, node: node?.dataset.node, name: active.name, value: active.value, near: near(node) };
}

// Who gets the focus if the node goes: those after it, those before it, the groups around it.
function near(node) {
  if (!node) return [];
  const all = [...(node.parentElement?.children ?? [])];
  const place = all.indexOf(node);
  const around = [];
  for (let group = groupOf(node); group; group = groupOf(group)) around.push(group);
  return [...all.slice(place + 1), ...all.slice(0, place).reverse(), ...around].map((one) => one.dataset.node);
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const was = before;
  before = null;
  const fresh = canvas()?.querySelector("[data-focus]");
  if (fresh) {
    for (const node of canvas().querySelectorAll("[data-focus]")) node.removeAttribute("data-focus");
    // What was added is filled in next; what was moved may be moved again, unless somebody types
    // elsewhere by now.
    if (isAdding(detail)) lead(fresh, firstControl(fresh));
    else if (!isTyping(document.activeElement)) lead(fresh, fresh);
  } else if (was && isLost()) {
    again(was)?.focus({ preventScroll: true });
  }
});

const isLost = () => !document.activeElement || document.activeElement === document.body;

function again(was) {
  const same = was.id ? document.getElementById(was.id) : was.active;
  if (canTake(same)) return same;
  if (!was.node) return canvas().querySelector("[data-node]");
  const node = byId(was.node);
  if (!node) return was.near.map(byId).find(Boolean) ?? canvas().querySelector("[data-node]");
  const twins = was.name ? [...node.querySelectorAll(`[name="${CSS.escape(was.name)}"]`)] : [];
  return twins.find((one) => one.value === was.value && canTake(one)) ?? node;
}

const canTake = (element) => element?.isConnected && !element.disabled && element.getClientRects().length > 0;

const isAdding = ({ requestConfig }) => String(requestConfig?.parameters.do).startsWith("add");

function lead(node, place) {
  unfoldAround(node.parentElement);
  place.focus();
  place.scrollIntoView({ block: "nearest" });
}

// Links to a problem, or to where contacts drop out, lead to the very control.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-problem]");
  const node = link && byId(link.dataset.problem);
  if (!node) return;
  event.preventDefault();
  unfoldAround(node.parentElement);
  const path = (link.dataset.control ?? "").replace(/[^A-Za-z0-9]+/g, "-");
  const control = path && document.getElementById(`${node.dataset.node}-${path}`);
  (control || node.querySelector(":scope > form :is(.is-wrong, .is-missing)") || node).focus();
  node.scrollIntoView({ block: "nearest" });
});

// Real values for inputs with data-suggest: a combobox whose one list is shared by all of them.
import { nodeOf } from "./nodes.js";

const WAIT_MS = 150;
const list = document.querySelector("#suggestions");
let input = null;
let asked = null;
let timer = 0;

const options = () => [...list.querySelectorAll('[role="option"]')];
const isOpen = () => !list.hidden;
const isOffered = (element) => element?.matches?.("input[data-suggest]");

function wire() {
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", String(isOpen()));
}

function close() {
  clearTimeout(timer);
  asked?.abort();
  list.hidden = true;
  list.replaceChildren();
  input?.setAttribute("aria-expanded", "false");
  input?.removeAttribute("aria-activedescendant");
}

function ask(wait) {
  clearTimeout(timer);
  timer = setTimeout(load, wait);
}

async function load() {
  asked?.abort();
  asked = new AbortController();
  const mine = input;
  const name = mine.name.replace(/^c\./, "").replace(/\+$/, "");
  const url = new URL(document.querySelector("[data-builder]").dataset.valuesUrl, location.href);
  url.search = new URLSearchParams({ node: nodeOf(mine).dataset.node, name, q: mine.value });
  try {
    const answer = await fetch(url, { signal: asked.signal, headers: { "HX-Request": "true" } });
    if (!answer.ok || mine !== document.activeElement) return;
    show(await answer.text());
  } catch (error) {
    if (error.name !== "AbortError") close();
  }
}

function show(html) {
  list.innerHTML = html;
  options().forEach((option, place) => {
    option.id = `suggestion-${place}`;
  });
  list.hidden = options().length === 0;
  wire();
  if (list.hidden) return;
  const box = input.getBoundingClientRect();
  list.style.left = `${Math.max(12, Math.min(box.left, innerWidth - list.offsetWidth - 12)) + scrollX}px`;
  const isBelow = box.bottom + list.offsetHeight + 8 < innerHeight || box.top < list.offsetHeight + 8;
  list.style.top = `${(isBelow ? box.bottom + 4 : box.top - list.offsetHeight - 4) + scrollY}px`;
}

function choose(option) {
  input.value = option.dataset.value;
  close();
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function walk(step) {
  const all = options();
  const place = all.findIndex((option) => option.ariaSelected === "true");
  const next = all[(place + step + all.length + (place < 0 && step < 0 ? 1 : 0)) % all.length];
  for (const option of all) option.setAttribute("aria-selected", String(option === next));
  next.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", next.id);
}

document.addEventListener("input", (event) => {
  if (isOffered(event.target)) ask(WAIT_MS);
});
document.addEventListener("focusin", (event) => {
  close();
  input = isOffered(event.target) ? event.target : null;
  if (input) wire();
});
document.addEventListener("click", (event) => {
  if (isOffered(event.target) && !isOpen()) ask(0);
});

document.addEventListener("keydown", (event) => {
  if (!input || event.target !== input) return;
  const marked = options().find((option) => option.ariaSelected === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (isOpen()) walk(event.key === "ArrowDown" ? 1 : -1);
    else ask(0);
  } else if (event.key === "Enter" && isOpen() && marked) {
    event.preventDefault();
    choose(marked);
  } else if (event.key === "Escape" && isOpen()) {
    event.preventDefault();
    event.stopImmediatePropagation();
    close();
  } else if (event.key === "Enter" || event.key === "Tab") {
    close();
  }
}, true);

// The focus stays in the input, so that nothing is posted before something is chosen.
list.addEventListener("pointerdown", (event) => event.preventDefault());
list.addEventListener("mousedown", (event) => event.preventDefault());
list.addEventListener("click", (event) => {
  const option = event.target.closest('[role="option"]');
  if (option && input) choose(option);
});
document.addEventListener("focusout", (event) => {
  if (event.target === input) setTimeout(() => document.activeElement === input || close());
});
document.addEventListener("htmx:afterRequest", () => {
  if (input?.isConnected && input === document.activeElement) wire();
});

// Finds blocks by what is typed; Enter adds the first one found. On phones the palette is a sheet.
import { announce, byId, canvas } from "./nodes.js";
import { select, selectedNode } from "./select.js";

const palette = () => document.querySelector("[data-palette]");
const search = () => document.querySelector("[data-palette-search]");
const found = () => [...palette().querySelectorAll("[data-block]:not([hidden]) button")];

function filter() {
  const words = search().value.trim().toLowerCase().split(/\s+/);
  for (const section of palette().querySelectorAll("[data-palette-section]")) {
    const blocks = [...section.querySelectorAll("[data-block]")];
    for (const block of blocks) {
      const text = block.dataset.words.toLowerCase();
      block.hidden = !words.every((word) => text.includes(word));
    }
    section.hidden = blocks.every((block) => block.hidden);
  }
  palette().querySelector("[data-palette-none]").hidden = found().length > 0;
}

export function openPalette(groupId) {
  if (groupId && byId(groupId)) select(groupId);
  palette().classList.add("is-open");
  search().value = "";
  filter();
  search().focus();
}

function closePalette() {
  palette().classList.remove("is-open");
}

function leave() {
  closePalette();
  (selectedNode() ?? canvas().querySelector("[data-node]")).focus();
}

document.addEventListener("input", (event) => {
  if (event.target !== search()) return;
  filter();
  if (event.target.value) announce(found().length === 1 ? "1 found" : `${found().length} found`);
});

document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("[data-palette]")) return;
  const places = [search(), ...found()];
  const place = places.indexOf(document.activeElement);
  if (event.key === "Enter" && event.target === search()) {
    event.preventDefault();
    if (search().value.trim()) found()[0]?.click();
  } else if (event.key === "Escape") {
    event.preventDefault();
    leave();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && place >= 0) {
    event.preventDefault();
    places[place + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-add-condition]");
  if (link && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    openPalette(link.dataset.addCondition);
  } else if (event.target.closest?.("[data-palette-close]")) {
    leave();
  } else if (event.target.closest?.("[data-palette-shade]")) {
    closePalette();
  }
});

// What was added is on the canvas, and that is where to look.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.matches?.("[data-palette-form], [data-move-form]") && detail.successful) closePalette();
});

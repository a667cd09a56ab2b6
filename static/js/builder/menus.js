// Menus (details with data-menu): one at a time, closed by Escape, by a choice, or by a click elsewhere.
import { nodeOf } from "./nodes.js";

const opened = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of opened()) {
    const isChoice = menu.contains(event.target) && event.target.closest("button, a");
    // The form still gets its button, so the menu goes only after this click.
    if (isChoice || !menu.contains(event.target)) setTimeout(() => close(menu));
  }
});

function close(menu) {
  if (menu.contains(document.activeElement)) (nodeOf(menu) ?? menu.querySelector("summary")).focus({ preventScroll: true });
  menu.removeAttribute("open");
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (!menu) return;
  if (event.key === "Escape") {
    event.stopImmediatePropagation();
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const places = [...menu.querySelectorAll("summary, button, a")];
    const next = places[places.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
    event.preventDefault();
    event.stopImmediatePropagation();
    next?.focus();
  }
});

document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.("details[data-menu]") || !event.target.open) return;
  const list = event.target.querySelector(".menu-list");
  if (!list) return;
  list.classList.remove("is-up");
  list.classList.toggle("is-up", list.getBoundingClientRect().bottom > innerHeight);
}, true);

// Search from anywhere: "/" or Ctrl-K opens it, arrows walk through what was found.
const box = document.querySelector("[data-search-box]");
const input = box?.querySelector("input");

function open() {
  if (box.open) return;
  box.showModal();
  input.focus();
  input.select();
}

const isTyping = (element) =>
  element.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (!box) return;
  const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !isTyping(event.target);
  const isCtrlK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
  if (isSlash || isCtrlK) {
    event.preventDefault();
    open();
  } else if (box.open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    walk(event, event.key === "ArrowDown" ? 1 : -1);
  } else if (box.open && event.key === "Enter" && event.target === input) {
    const first = box.querySelector(".search-hit");
    if (first) {
      event.preventDefault();
      first.click();
    }
  }
});

function walk(event, step) {
  const places = [input, ...box.querySelectorAll(".search-hit")];
  const next = places[places.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

document.addEventListener("click", (event) => {
  if (!box) return;
  if (event.target.closest("[data-search-open]")) {
    event.preventDefault();
    open();
  } else if (event.target === box) {
    box.close();
  }
});

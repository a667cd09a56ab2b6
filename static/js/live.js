// Parts that refresh by themselves (data-live): not while the page is hidden or paused, and
// only when the answer differs, so that focus and selection stay where they are.
const answers = new WeakMap();
let paused = false;

const liveElement = (event) => {
  const { elt } = event.detail;
  return elt?.matches?.("[data-live]") ? elt : null;
};

document.addEventListener("htmx:beforeRequest", (event) => {
  if (liveElement(event) && (paused || document.hidden)) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const element = liveElement(event);
  if (!element || event.detail.xhr.status !== 200) return;
  if (answers.get(element) === event.detail.serverResponse) event.detail.shouldSwap = false;
  answers.set(element, event.detail.serverResponse);
});

for (const button of document.querySelectorAll("[data-live-toggle]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
  });
}

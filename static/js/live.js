// Parts that refresh by themselves (data-live): not while the page is hidden or paused, and
// only when the answer differs, so that focus and selection stay where they are.
const answers = new Map();
let paused = false;

const live = (event) => {
  const element = event.detail.elt;
  return element?.matches?.("[data-live], [data-live-own]") ? element : null;
};
// Nothing is drawn over a value that somebody is editing.
const isEdited = (target) => Boolean(target?.querySelector("[data-editor]"));
// What is shown may have been narrowed since the part was drawn.
const isOfPage = (element) => element?.matches("[data-live]");

document.addEventListener("htmx:configRequest", (event) => {
  // Nobody need be there: a session is not kept alive by its page (segmentflow/signin/middleware.py).
  if (live(event)) event.detail.headers["X-Polling"] = "1";
  if (isOfPage(live(event))) event.detail.path = location.pathname + location.search;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const element = live(event);
  if (!element) return;
  const isAsleep = document.hidden || (paused && isOfPage(element));
  if (isAsleep || isEdited(event.detail.target)) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const element = live(event);
  const { xhr, serverResponse, requestConfig, target } = event.detail;
  if (!element || xhr.status !== 200) return;
  if (isEdited(target)) {
    event.detail.shouldSwap = false;
    return;
  }
  const asked = `${target.id} ${requestConfig.path}`;
  const isOutdated = isOfPage(element) && requestConfig.path !== location.pathname + location.search;
  if (isOutdated || (isOfPage(element) && paused) || answers.get(asked) === serverResponse) {
    event.detail.shouldSwap = false;
  }
  if (!isOutdated) answers.set(asked, serverResponse);
});

// A search has drawn the part anew: what was answered before no longer says what is shown.
document.addEventListener("htmx:afterSwap", (event) => {
  if (!live({ detail: { elt: event.detail.requestConfig?.elt } })) answers.clear();
});

for (const button of document.querySelectorAll("[data-live-toggle]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
  });
}

// What a reader has unfolded stays so when the part around it is drawn anew.
if (globalThis.Idiomorph) {
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
    !(name === "open" && node.matches("details, dialog"));
}

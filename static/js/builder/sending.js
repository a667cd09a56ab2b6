// What every request of the builder carries, and what happens when one fails.
import { announce } from "./nodes.js";
import { forgetUnsent, keepUnsent, setSent } from "./unsent.js";

// Who asked; the answer may have taken it off the page, and is told of to what was around it.
const sender = (detail) => detail.requestConfig?.elt ?? detail.elt;
const isOperation = (detail) => sender(detail)?.matches?.("form[hx-post]") && Boolean(document.querySelector("#revision"));

// Requests wait for each other, so what they say is settled only when they leave: the newest
// revision, and the button that was pressed although the focus may have moved on since.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!isOperation(detail)) return;
  announce(""); // so that what is said twice is heard twice
  const { elt, parameters, triggeringEvent } = detail;
  setSent(elt);
  parameters.revision = document.querySelector("#revision").value;
  if (triggeringEvent?.submitter?.name) {
    parameters[triggeringEvent.submitter.name] = triggeringEvent.submitter.value;
  } else if (triggeringEvent) {
    parameters.do = elt.matches("[data-group-form]") ? "group" : "change";
  }
});

// Somebody else was faster: the answer is the builder as it is now.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status !== 409 || !detail.xhr.getResponseHeader("HX-Retarget")) return;
  detail.shouldSwap = true;
  detail.isError = false;
  // What was being typed gives way, too, and must not be taken for a change to what is shown now.
  document.activeElement.blur();
  forgetUnsent();
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!isOperation(detail) || !detail.successful) return;
  const { requestConfig, xhr } = detail;
  for (const input of sender(detail).querySelectorAll(".c-add")) {
    if (input.value && input.value === requestConfig.parameters[input.name]) input.value = "";
  }
  const notice = document.querySelector("[data-notice]");
  if (xhr.status === 200) {
    notice?.remove();
  } else if (xhr.status === 409 && notice) {
    notice.focus();
    notice.scrollIntoView({ block: "center" });
  }
});

function failed(event) {
  const { detail } = event;
  if (!isOperation(detail)) return;
  const isSentAgain = event.type !== "htmx:responseError" && keepUnsent(sender(detail));
  const badge = document.querySelector("[data-saved]");
  badge.className = "badge badge-bad";
  badge.textContent = "Not saved";
  badge.title = `The last change did not reach the server. ${isSentAgain ? "It is sent again in a moment." : "Make it again, or load the page anew."}`;
  announce(`Not saved. ${badge.title}`);
}
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, failed);

// Values that are edited where they stand: a form with data-editor takes the place of the value.
// Enter and leaving it save, Escape cancels. With data-editor="asks" only its button saves.
const opened = new WeakMap(); // what each form held when it came
let pressedIn = null; // the form in which the pointer went down: Safari's buttons take no focus
let returns = false; // whether whoever edits by keyboard is to find the value again

const written = (form) => new URLSearchParams(new FormData(form)).toString();
const formOf = (element) => element?.closest?.("form[data-editor]");
const cancel = (form) => form.querySelector("[data-cancel]").click();

function focusIn(form) {
  const control = form.querySelector("[aria-invalid=true]") ?? form.querySelector("input:not([type=hidden]), select, textarea");
  control?.focus();
  if (control?.matches("input:not([type=checkbox], [type=radio])")) control.select();
}

document.addEventListener("htmx:afterSettle", (event) => {
  const place = event.detail.target;
  const form = place?.querySelector?.("form[data-editor]");
  if (form && !opened.has(form)) {
    opened.set(form, written(form));
    focusIn(form);
  } else if (returns && place?.matches("dd") && !form) {
    place.querySelector(".in-place")?.focus();
    returns = false;
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = formOf(event.detail.elt);
  if (!form) return;
  returns = form.contains(document.activeElement);
  form.dataset.sends = "";
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = formOf(event.detail.elt);
  if (form) delete form.dataset.sends;
});

document.addEventListener("keydown", (event) => {
  const form = formOf(event.target);
  if (!form || event.isComposing || !form.closest("dd")) return;
  if (event.key === "Escape") {
    event.preventDefault();
    cancel(form);
  } else if (event.key === "Enter" && (event.target.matches("select") || (event.ctrlKey && event.target.matches("textarea")))) {
    event.preventDefault();
    form.requestSubmit();
  }
});

document.addEventListener("pointerdown", (event) => {
  pressedIn = formOf(event.target);
});

document.addEventListener("focusout", (event) => {
  const form = formOf(event.target);
  if (!form || form.contains(event.relatedTarget) || !document.hasFocus()) return;
  setTimeout(() => leave(form));
});

function leave(form) {
  const stays = form.contains(document.activeElement) || pressedIn === form;
  if (stays || !form.isConnected || !form.closest("dd") || "sends" in form.dataset) return;
  if (written(form) === opened.get(form)) {
    if (!("refused" in form.dataset)) cancel(form);
  } else if (form.dataset.editor !== "asks") {
    form.requestSubmit();
  }
}

// Rows and heads of groups whose controls show what the server does not know yet. Until it has
// been sent, no answer to something else draws them anew; what did not arrive is sent again.
const FORMS = "[data-row-form], [data-group-form]";
const AGAIN_MS = 3000;
const unsent = new Set();

export const isUnsent = (element) => unsent.has(element);

export function setSent(form) {
  unsent.delete(form);
}

export function forgetUnsent() {
  unsent.clear();
}

// Answers whether it is sent again; what a button was to do is not.
export function keepUnsent(form) {
  if (!form.matches(FORMS)) return false;
  unsent.add(form);
  setTimeout(sendAgain, AGAIN_MS);
  return true;
}

function sendAgain() {
  for (const form of unsent) {
    if (form.isConnected) form.dispatchEvent(new Event("change", { bubbles: true }));
    else unsent.delete(form);
  }
}

function note(event) {
  const { type, target } = event;
  const form = target.closest?.(FORMS);
  if (!form) return;
  // An input that adds values has nothing to say while it is empty.
  if (type === "change" && target.matches(".c-add") && !target.value.trim()) event.stopImmediatePropagation();
  else if (type === "change" || target.matches(".typed")) unsent.add(form);
}

document.addEventListener("input", note, true);
document.addEventListener("change", note, true);
window.addEventListener("online", sendAgain);

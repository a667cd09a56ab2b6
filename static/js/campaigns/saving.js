// Saves a [data-saving] form as it is changed, and what its buttons do: one request at a time, none
// of them aborted, each with what the form held when it was asked for and the newest revision.
// What comes back are elements with ids: each takes the place of the one that has its id. Nothing
// is drawn over what has not been sent yet. The event `campaign:saved` tells that something was.
const PAUSE_MS = 600;
const AGAIN_MS = 3000;
const waiting = [];
const typing = new Map();
let isSending = false;
let revision = null;

export const isBusy = () => isSending || waiting.length > 0 || typing.size > 0;

function say(text, tone, title = "") {
  const badge = document.querySelector("[data-saved]");
  if (!badge) return;
  badge.className = `badge badge-${tone}`;
  badge.textContent = text;
  badge.title = title;
}

function values(form, extra = {}) {
  const held = new FormData(form);
  for (const [name, value] of Object.entries(extra)) held.set(name, value);
  return held;
}

// What a button does is never dropped; a mere save gives way to a newer one of the same form.
export function save(form, extra = null) {
  stopTyping(form);
  const last = waiting.at(-1);
  const isOnItsWay = isSending && waiting.length === 1;
  if (last && !isOnItsWay && !extra && last.form === form && !last.extra) waiting.pop();
  waiting.push({ form, extra, action: form.action, values: values(form, extra ?? {}) });
  next();
}

function stopTyping(form) {
  clearTimeout(typing.get(form));
  typing.delete(form);
}

export function flush() {
  for (const form of [...typing.keys()]) save(form);
}

async function next() {
  if (isSending || !waiting.length) return;
  isSending = true;
  say("Saving…", "neutral");
  const job = waiting[0];
  job.values.set("revision", revision ?? job.values.get("revision") ?? "");
  let answer;
  try {
    answer = await fetch(job.action, { method: "POST", body: body(job.values), headers: headers(), keepalive: isSmall(job.values) });
  } catch {
    isSending = false;
    say("Not saved", "bad", "The last change did not reach the server. It is sent again in a moment.");
    setTimeout(next, AGAIN_MS);
    return;
  }
  const text = await answer.text();
  waiting.shift();
  isSending = false;
  take(answer, text, job);
  next();
}

const isSmall = (held) => [...held.values()].join("").length < 20_000;
const body = (held) => new URLSearchParams([...held].filter(([, value]) => typeof value === "string"));
const headers = () => ({ ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" });

function take(answer, text, job) {
  const isOvertaken = answer.status === 409;
  if (answer.headers.has("HX-Redirect") || answer.redirected) {
    waiting.length = 0;
    location.assign(answer.headers.get("HX-Redirect") ?? answer.url);
    return;
  }
  if (!answer.ok && !isOvertaken && answer.status !== 422) {
    say("Not saved", "bad", `The server did not take the last change (${answer.status}). Load the page anew.`);
    return;
  }
  revision = answer.headers.get("Campaign-Revision") ?? revision;
  if (isOvertaken) {
    waiting.length = 0;
    for (const form of [...typing.keys()]) stopTyping(form);
    document.activeElement?.blur();
  }
  draw(text);
  if (isBusy()) return;
  if (answer.ok) say("Saved", "good");
  else say("Not saved", "bad", "See what is said on the page.");
  document.dispatchEvent(new CustomEvent("campaign:saved", { detail: { job, ok: answer.ok } }));
}

const isUnsent = (element) =>
  [...typing.keys(), ...waiting.map((job) => job.form)].some((form) => element.contains(form) || form.contains(element));

function draw(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const element of [...fresh.body.children]) {
    const old = element.id && document.getElementById(element.id);
    if (!old || isUnsent(old)) continue;
    const isFocused = old.contains(document.activeElement);
    Idiomorph.morph(old, element.outerHTML, { morphStyle: "outerHTML", ignoreActiveValue: isFocused && isText(document.activeElement), callbacks: { beforeAttributeUpdated: keepsOpen } });
    const drawn = document.getElementById(element.id);
    if (drawn) htmx.process(drawn);
    drawn?.dispatchEvent(new CustomEvent("campaign:drawn", { bubbles: true }));
  }
}

// What somebody has unfolded stays so.
export const keepsOpen = (name, element) => !(name === "open" && element.tagName === "DETAILS");

const isText = (control) => control.matches("textarea, input:not([type]), input:is([type=text], [type=search], [type=number], [type=url], [type=email], [type=tel])");
const formOf = (control) => control.form?.matches("[data-saving]") && control.name && !control.matches("[data-unsaved]") ? control.form : null;

document.addEventListener("input", ({ target }) => {
  const form = target.matches?.("input, textarea, select") && formOf(target);
  if (!form || !isText(target)) return;
  clearTimeout(typing.get(form));
  typing.set(form, setTimeout(() => save(form), PAUSE_MS));
  say("Saving…", "neutral");
});

document.addEventListener("change", ({ target }) => {
  const form = target.matches?.("input, textarea, select") && formOf(target);
  if (!form || (isText(target) && !typing.has(form))) return;
  save(form);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-saving]") || event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  const button = event.submitter;
  save(form, button?.name ? { [button.name]: button.value } : null);
});

// Whoever leaves by a link waits for what is on its way.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || link.target || link.hasAttribute("data-dialog")) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  flush();
  if (!isBusy() || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  const timer = setInterval(() => {
    if (isBusy()) return;
    clearInterval(timer);
    location.assign(link.href);
  }, 20);
});

window.addEventListener("pagehide", flush);
window.addEventListener("online", next);
window.addEventListener("beforeunload", (event) => {
  flush();
  if (isBusy()) event.preventDefault();
});

// Saves a [data-saving] form as it is changed, and what its buttons do: one request at a time, none
// of them aborted, each with what the form held when it was asked for and the newest revision.
// What comes back are elements with ids: each takes the place of the one that has its id. Nothing
// is drawn over what has not been sent yet. The event `campaign:saved` tells that something was.
//
// A job is in exactly one place: in `typing` (only its form), in `waiting`, or in `flight`. One that
// fails goes back to the front of `waiting` and is sent again as it was, because it may have arrived.
const PAUSE_MS = 600;
const AGAIN_MS = 3000;
const SLOWEST = 10; // times as long, for a server that keeps failing
const KEPT_ALIVE = 60_000; // bytes: browsers finish requests up to 64 KiB when the page is left
const waiting = [];
const typing = new Map(); // forms in which somebody types, with the timer that ends it
const refused = new Set(); // forms whose content the server did not take
const callbacks = []; // for when all is saved
let flight = null;
let failures = 0; // in a row
let again = null;
let revision = null;

export const isBusy = () => flight !== null || waiting.length > 0 || typing.size > 0;
const isRefused = () => [...refused].some((form) => form.isConnected);

// Calls back as soon as all is saved; never, when something is refused before that.
export function whenSaved(then) {
  flush();
  callbacks.push(then);
  settle();
}

function settle() {
  if (isBusy()) return;
  for (const then of callbacks.splice(0)) then();
}

function say(text, tone, title = "") {
  const badge = document.querySelector("[data-saved]");
  if (!badge) return;
  badge.className = `badge badge-${tone}`;
  badge.textContent = text;
  badge.title = title;
}

function values(form, extra) {
  const held = new FormData(form);
  for (const [name, value] of Object.entries(extra ?? {})) held.set(name, value);
  return held;
}

// What a button does is never dropped; a mere save gives way to a newer job of the same form, which
// holds all that it held.
export function save(form, extra = null) {
  stopTyping(form);
  const last = waiting.at(-1);
  if (last && last.form === form && !last.extra && !last.wasSent) waiting.pop();
  waiting.push({ form, extra, action: form.action, values: values(form, extra), wasSent: false });
  run();
}

function stopTyping(form) {
  clearTimeout(typing.get(form));
  typing.delete(form);
}

export function flush() {
  for (const form of [...typing.keys()]) save(form);
}

async function run() {
  if (flight || !waiting.length) return;
  const job = (flight = waiting.shift());
  if (!failures) say("Saving…", "neutral");
  const answer = await sent(job);
  flight = null;
  if (!answer) return sendAgain(job);
  failures = 0;
  job.form.inert = false;
  try {
    take(answer, job);
  } finally {
    run();
  }
}

function sendAgain(job) {
  job.wasSent = true;
  waiting.unshift(job);
  clearTimeout(again);
  again = setTimeout(run, AGAIN_MS * Math.min(2 ** failures, SLOWEST));
  failures += 1;
  say("Not saved", "bad", "The last change did not reach the server. It is sent again in a moment.");
  leave();
}

// Nothing for what is worth another try: the network is away, or the server is.
async function sent(job) {
  job.values.set("revision", revision ?? job.values.get("revision") ?? "");
  const body = new URLSearchParams([...job.values].filter(([, value]) => typeof value === "string"));
  const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" };
  try {
    const answer = await fetch(job.action, { method: "POST", body, headers, keepalive: `${body}`.length < KEPT_ALIVE });
    const { status, ok } = answer;
    if (status >= 500 || status === 429 || status === 408) return null;
    const to = answer.headers.get("HX-Redirect") ?? (answer.redirected ? answer.url : null);
    return { status, ok, to, isMoved: answer.redirected, revision: answer.headers.get("Campaign-Revision"), text: await answer.text() };
  } catch {
    return null;
  }
}

function take(answer, job) {
  const isOvertaken = answer.status === 409;
  const isRead = answer.ok || isOvertaken || answer.status === 422;
  revision = answer.revision ?? revision;
  if (answer.to && !answer.revision) return sendAway(answer, job);
  if (isOvertaken) forget();
  else if (answer.ok) refused.delete(job.form);
  else refused.add(job.form);
  if (!answer.ok) stay();
  if (answer.to) whenSaved(() => location.assign(answer.to));
  else if (isRead) draw(answer.text, job.form);
  if (isBusy()) return;
  if (!isRead) say("Not saved", "bad", `The server did not take the last change (${answer.status}). Copy what you wrote, and load the page anew.`);
  else if (!answer.ok || isRefused()) say("Not saved", "bad", "See what is said on the page.");
  else say("Saved", "good");
  if (isRead) document.dispatchEvent(new CustomEvent("campaign:saved"));
  settle();
}

// The draft is no draft any more; or somebody signed out, and then the browser asks before it goes.
function sendAway(answer, job) {
  forget();
  stay();
  if (!answer.isMoved) refused.add(job.form);
  say("Not saved", "bad", answer.isMoved ? "" : "You are signed out.");
  location.assign(answer.to);
}

// What others did is never overwritten.
function forget() {
  for (const job of waiting.splice(0)) job.form.inert = false;
  for (const form of [...typing.keys()]) stopTyping(form);
  refused.clear();
  document.activeElement?.blur();
}

// Of the form that is answered, also what was refused is drawn: with why.
const isUnsent = (element, answered) =>
  [...typing.keys(), ...waiting.map((job) => job.form), ...[...refused].filter((form) => form !== answered)].some((form) => element.contains(form) || form.contains(element));

function draw(text, answered) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const element of [...fresh.body.children]) {
    const old = element.id && document.getElementById(element.id);
    if (!old || isUnsent(old, answered)) continue;
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
const formOf = (control) => (control.matches?.("input, textarea, select") && control.form?.matches("[data-saving]") && control.name && !control.matches("[data-unsaved]") ? control.form : null);

document.addEventListener("input", ({ target }) => {
  const form = formOf(target);
  if (!form) return;
  clearTimeout(typing.get(form));
  typing.set(form, setTimeout(() => save(form), PAUSE_MS));
  if (!failures) say("Saving…", "neutral");
});

document.addEventListener("change", ({ target }) => {
  const form = formOf(target);
  if (form && (typing.has(form) || !isText(target))) save(form);
});

// With data-replaces, a button makes something else of the form: nothing is typed into it meanwhile.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-saving]") || event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  const button = event.submitter;
  save(form, button?.name ? { [button.name]: button.value } : null);
  if (button?.hasAttribute("data-replaces")) form.inert = true;
});

// Whoever leaves by a link waits for what is on its way; if that cannot be sent, the browser asks.
let goal = null;

function leave() {
  if (goal) location.assign(goal);
  goal = null;
}

function stay() {
  goal = null;
  callbacks.length = 0;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || link.target || link.hasAttribute("data-dialog")) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  flush();
  if (!isBusy() || failures || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  goal = link.href;
  whenSaved(leave);
});

document.addEventListener("visibilitychange", () => document.hidden && flush());
window.addEventListener("pagehide", flush);
window.addEventListener("online", run);
window.addEventListener("beforeunload", (event) => {
  flush();
  if (isBusy() || isRefused()) event.preventDefault();
});

// Puts a field at the cursor of the control beside whose label it was asked for, and marks text.
const box = document.querySelector("[data-inserts]");
let into = null;

function put(control, text, from, to) {
  control.focus();
  control.setSelectionRange(from, to);
  control.setRangeText(text, from, to, "end");
  control.dispatchEvent(new Event("input", { bubbles: true }));
}

function narrow(words) {
  const wanted = words.trim().toLowerCase();
  for (const group of box.querySelectorAll(".insert-group")) {
    const entries = [...group.querySelectorAll("li")];
    for (const entry of entries) entry.hidden = !entry.textContent.toLowerCase().includes(wanted);
    group.hidden = entries.every((entry) => entry.hidden);
  }
}

function ask(control) {
  into = { id: control.id, from: control.selectionStart ?? control.value.length, to: control.selectionEnd ?? control.value.length };
  const search = box.querySelector("[data-inserts-search]");
  search.value = "";
  narrow("");
  box.showModal();
  search.focus();
}

function choose(liquid) {
  box.close();
  const control = document.getElementById(into.id);
  if (control) put(control, liquid, into.from, into.to);
}

const LINK = "https://";

function mark(control, sign) {
  const { selectionStart: from, selectionEnd: to } = control;
  const chosen = control.value.slice(from, to);
  if (sign !== "link") {
    put(control, `${sign}${chosen}${sign}`, from, to);
    if (!chosen) control.setSelectionRange(from + sign.length, from + sign.length);
    return;
  }
  put(control, `[${chosen || "text"}](${LINK})`, from, to);
  const end = control.selectionEnd - 1;
  control.setSelectionRange(end - LINK.length, end);
}

document.addEventListener("click", ({ target }) => {
  const opener = target.closest?.("[data-insert]");
  const wrap = target.closest?.("[data-wrap]");
  const liquid = target.closest?.("[data-liquid]");
  if (opener) ask(document.getElementById(opener.dataset.insert));
  else if (wrap) mark(document.getElementById(wrap.dataset.into), wrap.dataset.wrap);
  else if (liquid && box.contains(liquid)) choose(liquid.dataset.liquid);
  else if (box?.open && (target === box || target.closest("[data-inserts-close]"))) box.close();
});

box?.addEventListener("input", ({ target }) => {
  if (target.matches("[data-inserts-search]")) narrow(target.value);
});
box?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-inserts-search]")) return;
  event.preventDefault();
  const first = [...box.querySelectorAll("[data-liquid]")].find((one) => one.getClientRects().length);
  if (first) choose(first.dataset.liquid);
});

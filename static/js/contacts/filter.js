// Finding what to filter by, and real values for the controls of a condition.
const WAIT_MS = 200;
let timer = 0;
let asked = null;

function find(search) {
  const words = search.value.trim().toLowerCase().split(/\s+/);
  const all = search.parentElement;
  let found = 0;
  for (const section of all.querySelectorAll("[data-filter-section]")) {
    const blocks = [...section.querySelectorAll("[data-filter-block]")];
    for (const block of blocks) block.hidden = !words.every((word) => block.dataset.filterBlock.includes(word));
    const left = blocks.filter((block) => !block.hidden).length;
    section.hidden = left === 0;
    found += left;
  }
  all.querySelector("[data-filter-none]").hidden = found > 0;
}

const links = () => [...document.querySelectorAll("[data-filter-block]:not([hidden]) a")];

async function suggest(input) {
  asked?.abort();
  asked = new AbortController();
  const form = input.form;
  const name = input.name.replace(/^c\./, "").replace(/\+$/, "");
  const url = new URL(form.dataset.valuesUrl, location.href);
  url.search = new URLSearchParams({ condition: form.elements.condition.value, name, q: input.value });
  try {
    const answer = await fetch(url, { signal: asked.signal, headers: { "HX-Request": "true" } });
    if (answer.ok && input === document.activeElement) offer(input, await answer.text());
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

function offer(input, html) {
  const values = new DOMParser().parseFromString(html, "text/html").querySelectorAll("[data-value]");
  let offered = document.getElementById("filter-values");
  if (!offered) {
    offered = document.createElement("datalist");
    offered.id = "filter-values";
  }
  input.closest("[data-filter-form]").parentElement.append(offered);
  offered.replaceChildren(...[...values].map((one) => new Option("", one.dataset.value)));
  input.setAttribute("list", offered.id);
}

const suggests = (element) => element.matches?.("[data-filter-form] [data-suggest]");

document.addEventListener("focusin", ({ target }) => {
  if (suggests(target)) suggest(target);
});

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-filter-search]")) find(target);
  if (!suggests(target)) return;
  clearTimeout(timer);
  timer = setTimeout(suggest, WAIT_MS, target);
});

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key === "Enter" && target.matches?.("[data-filter-form] .c-add") && target.value) {
    event.preventDefault(); // one value more; an empty box applies all of them
    target.dispatchEvent(new Event("added", { bubbles: true }));
  } else if (key === "Enter" && target.matches?.("[data-filter-search]")) {
    event.preventDefault();
    if (target.value.trim()) links()[0]?.click();
  } else if (["ArrowDown", "ArrowUp"].includes(key) && target.closest?.(".filter-choose")) {
    const places = [document.querySelector("[data-filter-search]"), ...links()];
    const place = places.indexOf(target);
    if (place < 0) return;
    event.preventDefault();
    places[place + (key === "ArrowDown" ? 1 : -1)]?.focus();
  }
});

// A condition that has just been chosen wants its value.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const form = document.querySelector("dialog [data-filter-form]");
  if (!form || detail.requestConfig?.elt === form) return;
  document.getElementById("dialog-title").textContent = form.dataset.question;
  const value = form.querySelector(".c-add, .c-text, .c-number, .c-date, .c-time");
  (value ?? form.querySelector(".c-select") ?? form.querySelector(".btn-primary")).focus();
});

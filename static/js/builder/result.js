// The result follows every change; what is still being counted for an older one is given up.
// Not by htmx, which reports each request that is given up as an error.
const REFINED_AFTER_MS = 300;
const AGAIN_AFTER_MS = 1500;
let asked = null;
let timer = 0;

const result = () => document.querySelector("[data-result]");

async function load(url) {
  clearTimeout(timer);
  asked?.abort();
  const mine = new AbortController();
  asked = mine;
  result().setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { signal: mine.signal, headers: { "HX-Request": "true" } });
    if (answer.redirected || answer.headers.has("HX-Redirect")) location.reload(); // signed out
    else if (answer.status === 204) timer = setTimeout(() => load(url), AGAIN_AFTER_MS); // others are counting
    else if (answer.ok) show(await answer.text());
    else fail();
  } catch (error) {
    if (error.name !== "AbortError") fail();
  }
  if (asked === mine) result().removeAttribute("aria-busy");
}

function show(html) {
  htmx.swap(result(), html, { swapStyle: "morph:innerHTML" }, { contextElement: result() });
  const refined = result().querySelector("[data-refined]");
  if (refined) timer = setTimeout(() => load(refined.dataset.refined), REFINED_AFTER_MS);
}

function fail() {
  const share = result().querySelector(".result-share");
  if (share) share.textContent = "could not be counted; the next change tries again";
}

const refresh = () => load(result().dataset.result);
document.addEventListener("drafted", refresh);
refresh();

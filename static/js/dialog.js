// Links with data-dialog lead to a page with a question; here it is asked in a dialog instead.
const box = document.querySelector("[data-dialog-box]");

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && box && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    await ask(link.href);
  } else if (box?.open && (event.target === box || event.target.closest("[data-dialog-close]"))) {
    event.preventDefault();
    box.close();
  }
});

async function ask(url) {
  const content = box.querySelector("#dialog-content");
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.redirected || answer.headers.has("HX-Redirect")) {
    location.assign(url); // the page says what is wrong
    return;
  }
  content.innerHTML = await answer.text();
  const question = content.querySelector("[data-question]");
  box.querySelector("#dialog-title").textContent = question?.dataset.question ?? "";
  htmx.process(content);
  box.showModal();
}

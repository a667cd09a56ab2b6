// In the dialog of pictures: adds one without leaving the page, and closes when one was chosen.
const box = document.querySelector("[data-dialog-box]");

function say(form, text) {
  const place = form.querySelector("[data-picture-error]");
  place.textContent = text;
  place.hidden = !text;
}

async function send(form) {
  const [file] = form.querySelector("input[type=file]").files;
  if (!file) return;
  if (file.size > Number(form.dataset.pictureUpload)) {
    say(form, form.dataset.tooLarge);
    return;
  }
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    const content = box.querySelector("#dialog-content");
    content.innerHTML = await answer.text();
    content.querySelector("[data-choose] button")?.focus();
  } catch {
    say(form, "The picture did not arrive. Try once more.");
    form.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  if (!box?.contains(event.target)) return;
  if (event.target.matches("[data-picture-upload]")) {
    event.preventDefault();
    send(event.target);
  } else if (event.target.matches("[data-choose]")) {
    box.close();
  }
});

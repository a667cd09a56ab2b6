// A form with [data-upload] sends its file with a progress that can be cancelled. Without this it is
// sent as any form; what is wrong is then said by the page that answers.
const MEGABYTE = 1024 * 1024;
const inMegabytes = (bytes) => `${(bytes / MEGABYTE).toFixed(1)} MB`;

for (const form of document.querySelectorAll("form[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  const part = (name) => form.querySelector(`[data-upload-${name}]`);
  const bar = part("progress").querySelector("progress");
  let request = null;

  const say = (text) => {
    part("error").textContent = text;
    part("error").hidden = !text;
    input.toggleAttribute("aria-invalid", Boolean(text));
  };

  const begin = () => {
    form.setAttribute("aria-busy", "true");
    part("progress").hidden = false;
    part("buttons").hidden = true;
    part("cancel").focus();
    input.disabled = true;
  };

  const end = (text = "") => {
    request = null;
    form.removeAttribute("aria-busy");
    part("progress").hidden = true;
    part("buttons").hidden = false;
    input.disabled = false;
    input.focus();
    say(text);
  };

  const show = (sent, total) => {
    const percent = Math.floor((sent / total) * 100);
    bar.value = percent;
    part("figure").textContent = `${inMegabytes(sent)} of ${inMegabytes(total)}, ${percent} %`;
  };

  const answered = () => {
    if (request.status === 200 && request.responseURL !== form.action) {
      location.assign(request.responseURL);
      return;
    }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const said = page.querySelector("[data-upload-error]")?.textContent.trim();
    end(said || `The file was not taken (${request.status}). Load this page again and try once more.`);
  };

  const send = () => {
    const [file] = input.files;
    if (!file) return;
    if (file.size > Number(form.dataset.upload)) {
      say(form.dataset.tooLarge);
      return;
    }
    const content = new FormData(form);
    say("");
    begin();
    show(0, file.size);
    request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => show(event.loaded, event.total));
    request.upload.addEventListener("load", () => {
      bar.removeAttribute("value");
      part("figure").textContent = "Sent. It is being read.";
    });
    request.addEventListener("load", answered);
    request.addEventListener("abort", () => end());
    request.addEventListener("error", () => {
      end("The file did not arrive, and nothing of it was kept. Is it still where it was? Try once more.");
    });
    request.open("POST", form.action);
    request.send(content);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!request) send();
  });
  form.addEventListener("dropped", (event) => {
    if (event.detail) say(event.detail);
    else send();
  });
  input.addEventListener("change", () => say(""));
  part("cancel").addEventListener("click", () => request?.abort());
}

// A [data-drop] around a file's control takes a file that is dropped anywhere on it.
document.addEventListener("dragover", (event) => {
  const area = event.target.closest?.("[data-drop]");
  if (area && event.dataTransfer.types.includes("Files")) {
    event.preventDefault();
    area.classList.add("is-over");
  }
});

document.addEventListener("dragleave", (event) => {
  const area = event.target.closest?.("[data-drop]");
  if (area && !area.contains(event.relatedTarget)) area.classList.remove("is-over");
});

document.addEventListener("drop", (event) => {
  const area = event.target.closest?.("[data-drop]");
  const input = area?.querySelector("input[type=file]");
  if (!input || !event.dataTransfer.files.length) return;
  event.preventDefault();
  area.classList.remove("is-over");
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

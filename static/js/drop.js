// A [data-drop] around a file's control takes a file that is dropped anywhere on the page: a browser
// would leave the page for one that misses.
const area = document.querySelector("[data-drop]");
const input = area?.querySelector("input[type=file]");
const hasFiles = (event) => Boolean(input) && event.dataTransfer?.types.includes("Files");

document.addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = input.disabled ? "none" : "copy";
  area.classList.toggle("is-over", !input.disabled);
});

document.addEventListener("dragleave", (event) => {
  // Nothing is entered instead: the pointer has left the page.
  if (!event.relatedTarget) area?.classList.remove("is-over");
});

document.addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  area.classList.remove("is-over");
  if (input.disabled) return;
  const [item] = event.dataTransfer.items;
  const isFolder = item?.webkitGetAsEntry?.()?.isDirectory;
  if (!isFolder) input.files = event.dataTransfer.files;
  const detail = isFolder ? "This is a folder. Drop a file." : "";
  area.dispatchEvent(new CustomEvent("dropped", { bubbles: true, detail }));
});

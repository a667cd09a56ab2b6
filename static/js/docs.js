// The documents: light or dark, copying examples, "/" for the search.
import "./theme-switch.js";
import "./copy.js";

document.addEventListener("keydown", (event) => {
  const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey;
  const isCtrlK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
  if (!isCtrlK && (!isSlash || event.target.matches("input, textarea, select"))) return;
  event.preventDefault();
  const input = document.querySelector("[data-docs-search]");
  input.focus();
  input.select();
});

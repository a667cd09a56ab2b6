// Leads to what is new or was moved, keeps the focus where it was, and from a problem to its control.
let before = "";

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-saving]")) before = event.submitter?.id ?? "";
});

document.addEventListener("campaign:saved", () => {
  const said = document.getElementById("message-said");
  const block = said?.dataset.focus ? document.getElementById(`block-${said.dataset.focus}`) : null;
  const was = before;
  before = "";
  if (block && was.startsWith("add-")) lead(block);
  else if (was && isLost()) again(was, block);
});

const isLost = () => !document.activeElement || document.activeElement === document.body;

function lead(block) {
  (block.querySelector(".block-body :is(textarea, input)") ?? block).focus();
  block.scrollIntoView({ block: "nearest" });
}

function again(id, block) {
  const same = document.getElementById(id);
  const place = same && !same.disabled ? same : block ?? document.getElementById("blocks");
  place?.focus({ preventScroll: true });
  block?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".checks a[href^='#']");
  if (link && show(link.hash)) event.preventDefault();
});

function show(hash) {
  const control = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
  if (!control) return false;
  for (let around = control.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  control.focus();
  control.scrollIntoView({ block: "center" });
  return true;
}

show(location.hash);

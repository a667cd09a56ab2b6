// The preview follows what was saved. A test waits for what is on its way, and is sent as the contact of the preview.
import { flush, isBusy, keepsOpen, whenSaved } from "./saving.js";

let isAsking = false;
let isOld = false;

const preview = () => document.querySelector("[data-preview]");

async function refresh() {
  isOld = true;
  if (isAsking) return;
  isAsking = true;
  while (isOld) {
    isOld = false;
    await draw();
  }
  isAsking = false;
}

async function draw() {
  const { preview: address, contact } = preview().dataset;
  try {
    const answer = await fetch(`${address}?contact=${contact}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return;
    const text = await answer.text();
    // Another contact may have been chosen meanwhile.
    if (preview().dataset.contact === contact) Idiomorph.morph(preview(), text.trim(), { morphStyle: "outerHTML", callbacks: { beforeNodeMorphed: stays, beforeAttributeUpdated: keepsOpen } });
    htmx.process(preview());
  } catch {
    // The page is being left, or the network is away: what is saved next draws it.
  }
}

// What somebody chose or types in the preview is not the server's to say.
const stays = (old) => !(old.matches?.(".widths, #preview-words"));

document.addEventListener("campaign:saved", () => preview() && refresh());

htmx.onLoad((element) => {
  if (!element.matches?.("[data-preview]")) return;
  for (const input of document.querySelectorAll("[data-preview-contact]")) input.value = element.dataset.contact;
});

document.addEventListener("htmx:confirm", (event) => {
  if (!event.target.matches?.("[data-test]")) return;
  flush();
  if (!isBusy()) return;
  event.preventDefault();
  whenSaved(() => event.detail.issueRequest(true));
});

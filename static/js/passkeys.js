// Passkeys. A form with data-passkey-begin makes one or signs in with one: it asks that address what
// to ask the browser for, and sends the browser's answer to data-passkey-finish.
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const listed = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

const SAID = {
  InvalidStateError: "This device has a passkey for your account already.",
  NotAllowedError: "Nothing was done: it was cancelled, or took too long.",
  SecurityError: "Passkeys do not work at this address.",
};

class Refused extends Error {}

async function send(form, url, data) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.csrfmiddlewaretoken.value },
    body: JSON.stringify(data),
  });
  if (answer.redirected) location.assign(answer.url);
  if (answer.status === 429) throw new Refused("Too many wrong passwords. Try again later.");
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(said.detail ?? "That did not work. Reload the page and try again.");
  return said;
}

async function make(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: listed(options.excludeCredentials),
    },
  });
  return {
    ...about(made),
    response: {
      attestationObject: text(made.response.attestationObject),
      clientDataJSON: text(made.response.clientDataJSON),
      transports: made.response.getTransports?.() ?? [],
    },
  };
}

async function show(options) {
  const shown = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: listed(options.allowCredentials),
    },
  });
  const { authenticatorData, clientDataJSON, signature, userHandle } = shown.response;
  return {
    ...about(shown),
    response: {
      authenticatorData: text(authenticatorData),
      clientDataJSON: text(clientDataJSON),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    },
  };
}

const about = (credential) => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  authenticatorAttachment: credential.authenticatorAttachment,
  clientExtensionResults: credential.getClientExtensionResults(),
});

async function go(form) {
  const said = form.querySelector("[data-passkey-said]");
  const button = form.querySelector("button");
  said.hidden = true;
  button.disabled = true;
  try {
    const { passkeyBegin, passkeyFinish, passkeyMakes } = form.dataset;
    const typed = Object.fromEntries(new FormData(form));
    delete typed.csrfmiddlewaretoken;
    const options = await send(form, passkeyBegin, typed);
    const answer = await (passkeyMakes === undefined ? show(options) : make(options));
    const done = await send(form, passkeyFinish + location.search, answer);
    location.assign(done.redirect_url);
  } catch (problem) {
    said.textContent =
      problem instanceof Refused ? problem.message : (SAID[problem.name] ?? "That did not work. Try again.");
    said.hidden = false;
  } finally {
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("[data-passkey-begin]")) {
  form.hidden = !window.PublicKeyCredential;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(form);
  });
}

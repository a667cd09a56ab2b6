// Website visits for SegmentFlow (docs/websites.md): what visitors of a page do, sent to /v1/.
(() => {
  const script = document.currentScript;
  const calls = window.segmentflow;
  if (!script?.dataset.key || calls?.anonymousId) return;
  const { key, host, consent, dnt, auto } = script.dataset;
  const target = `${(host || new URL(script.src).origin).replace(/\/+$/, "")}/v1/batch`;
  const NAME = "segmentflow.";
  const MOST_KEPT = 100, MOST_SENT = 20, MOST_LETTERS = 16000;
  const SOON = 300, LONGEST_WAIT = 32000;

  // Storage may be forbidden in part or at all; the last resort is this page's memory.
  const memory = {};
  const attempt = (task) => { try { return task(); } catch { return undefined; } };
  const cookie = (name, value, seconds) => {
    document.cookie = `${NAME}${name}=${encodeURIComponent(value)};path=/;max-age=${seconds};samesite=lax`;
  };
  const read = (name) => attempt(() => localStorage.getItem(NAME + name))
    ?? attempt(() => decodeURIComponent(document.cookie.match(`(?:^|; )${NAME}${name}=([^;]*)`)[1]))
    ?? memory[name];
  const write = (name, value) => {
    memory[name] = value;
    attempt(() => localStorage.setItem(NAME + name, value) ?? true) ?? attempt(() => cookie(name, value, 31536000));
  };
  const forget = (name) => {
    delete memory[name];
    attempt(() => localStorage.removeItem(NAME + name));
    attempt(() => read(name) && cookie(name, "", 0));
  };

  const now = () => new Date().toISOString();
  const random = () => Array.from(
    crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");

  const isRefused = () => read("consent") === "no"
    || (dnt !== "ignore" && (navigator.doNotTrack === "1" || navigator.globalPrivacyControl === true));
  const mayStore = () => !isRefused() && (consent !== "required" || read("consent") === "yes");
  const anonymousId = () => {
    if (!mayStore()) return null;
    if (!read("id")) write("id", random());
    return read("id");
  };

  // Each waiting message is stored under its own name, so that tabs do not overwrite each other's.
  const QUEUE = `${NAME}queue.${key}.`;
  let queue = [];
  const keep = (message) => attempt(() => localStorage.setItem(QUEUE + message.messageId, JSON.stringify(message)));
  const drop = (messages) => {
    queue = queue.filter((message) => !messages.includes(message));
    for (const { messageId } of messages) attempt(() => localStorage.removeItem(QUEUE + messageId));
  };
  const takeOver = () => attempt(() => {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(QUEUE)) queue.push(JSON.parse(localStorage.getItem(name)));
    }
    queue.sort((one, other) => (one.timestamp < other.timestamp ? -1 : 1));
  });

  let user = null;
  const add = (type, values) => {
    if (isRefused()) return;
    // A copy, as the values are now; what is no JSON fails here.
    const message = JSON.parse(JSON.stringify({ type, messageId: random(), timestamp: now(), ...values }));
    if (user) message.userId = user;
    queue.push(message);
    if (queue.length > MOST_KEPT) drop(queue.slice(0, -MOST_KEPT));
    if (!mayStore()) return;
    complete(message);
    plan(SOON);
  };
  const complete = (message) => {
    message.anonymousId ??= anonymousId();
    keep(message);
  };

  let timer = 0, wait = 1000, sending = [], left = [];
  const plan = (milliseconds) => { timer ||= setTimeout(flush, milliseconds); };
  const portion = (messages) => {
    let letters = 0;
    const most = messages.slice(0, MOST_SENT);
    const end = most.findIndex((message, n) => (letters += JSON.stringify(message).length) > MOST_LETTERS && n);
    return end < 0 ? most : most.slice(0, end);
  };
  const bodyOf = (batch) => JSON.stringify({ writeKey: key, sentAt: now(), batch });
  const flush = async () => {
    timer = 0;
    if (sending.length || !queue.length || !mayStore() || document.prerendering) return;
    sending = portion(queue);
    const body = bodyOf(sending);
    let status = 0;
    try {
      // As plain text it needs no question beforehand; credentials are nobody's business.
      const options = { method: "POST", body, credentials: "omit", keepalive: body.length < MOST_LETTERS * 2 };
      ({ status } = await fetch(target, options));
    } catch { /* offline: again later */ }
    const isOver = status && status < 500 && status !== 429;
    if (isOver) drop(sending);
    sending = [];
    wait = isOver ? 1000 : wait * 2;
    // A refusal cannot be told from being offline: after a minute, only something new is a reason.
    if (queue.length && wait <= LONGEST_WAIT) plan(isOver ? 0 : wait);
  };
  // What leaves with the page stays stored until an answer is seen; the same messageId is stored once.
  const leave = () => {
    settle();
    if (!mayStore()) return;
    for (;;) {
      const batch = portion(queue.filter((message) => !sending.includes(message) && !left.includes(message)));
      if (!batch.length || !attempt(() => navigator.sendBeacon(target, bodyOf(batch)))) return;
      left.push(...batch);
    }
  };

  // An address is seen once; its title may come a moment after it.
  let seen = document.referrer, seenNow = "", visit = null;
  const address = () => location.href.replace(/#(?![/!]).*/, "");
  const look = () => {
    if (address() === seenNow) return;
    settle();
    seenNow = address();
    visit = isRefused() ? null : properties(seen);
    seen = seenNow;
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", settle, { once: true });
    else setTimeout(settle, 50);
  };
  const settle = () => {
    if (!visit) return;
    const { timestamp, ...values } = visit;
    visit = null;
    add("page", { timestamp, properties: { title: document.title, ...values } });
  };
  const properties = (referrer) => {
    const { pathname, search } = location;
    const values = { timestamp: now(), url: address(), path: pathname };
    if (referrer) values.referrer = referrer;
    if (search) values.search = search;
    for (const [name, value] of new URLSearchParams(search)) {
      if (/^utm_(source|medium|campaign|term|content|id)$/.test(name)) values[name] = value;
    }
    return values;
  };
  const start = () => {
    if (mayStore()) {
      user ??= read("user") ?? null;
      takeOver();
    }
    if (queue.length) plan(SOON);
    if (auto === "off") return;
    for (const name of ["pushState", "replaceState"]) {
      const original = history[name];
      history[name] = function (...values) {
        const result = original.apply(this, values);
        attempt(look);
        return result;
      };
    }
    addEventListener("popstate", () => attempt(look));
    look();
  };

  const api = {
    identify(userId, traits) {
      if (userId && typeof userId === "object") [userId, traits] = [null, userId];
      if (userId != null && user && user !== String(userId)) api.reset();
      if (userId != null) {
        user = String(userId);
        if (mayStore()) write("user", user);
      }
      add("identify", { traits: traits ?? {} });
    },
    track(event, values) { add("track", { event, properties: values ?? {} }); },
    page(name, values) {
      const { timestamp, ...own } = properties(document.referrer);
      add("page", { name, properties: { title: document.title, ...own, ...values } });
    },
    reset() {
      user = null;
      forget("user");
      forget("id");
    },
    consent(isGiven) {
      write("consent", isGiven ? "yes" : "no");
      if (isGiven) {
        if (!mayStore()) return;
        if (user) write("user", user);
        queue.forEach(complete);
        plan(0);
      } else {
        api.reset();
        takeOver();
        drop(queue);
      }
    },
    anonymousId,
    userId: () => user,
  };
  // Nothing that goes wrong here is to harm the page.
  for (const [name, call] of Object.entries(api)) {
    api[name] = (...values) => attempt(() => {
      if (document.readyState !== "loading") settle(); // what was seen before belongs to whom it was until now
      return call(...values);
    });
  }
  api.push = (...many) => many.forEach((one) => attempt(() => {
    const [name, ...values] = one;
    api[name](...values);
  }));
  window.segmentflow = api;

  const begin = () => attempt(() => {
    start();
    if (Array.isArray(calls)) api.push(...calls);
  });
  if (document.prerendering) document.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
  addEventListener("online", () => { wait = 1000; flush(); });
  addEventListener("pagehide", () => attempt(leave));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) attempt(leave);
    else left = [];
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted || auto === "off") return;
    [seen, seenNow] = [document.referrer, ""];
    attempt(look);
  });
})();

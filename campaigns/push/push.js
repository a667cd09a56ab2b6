// Push messages for SegmentFlow (docs/push.md): asks, subscribes this browser, and tells /v1/push.
(() => {
  const script = document.currentScript;
  if (!script?.dataset.key) return;
  const { key, host, worker = "/segmentflow-worker.js" } = script.dataset;
  const target = `${(host || new URL(script.src).origin).replace(/\/+$/, "")}/v1/push`;
  const publicKey = "PUBLIC_KEY";
  const NAME = "segmentflow.push";
  const DAY = 86400000;
  const isSupported = isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

  // What was told last: where this browser is, whose it is, and when.
  const memory = {};
  const read = () => {
    try { return JSON.parse(localStorage.getItem(NAME)) ?? {}; } catch { return memory; }
  };
  const write = (told) => {
    Object.assign(memory, told);
    try { localStorage.setItem(NAME, JSON.stringify(told)); } catch { /* asked again with the next page */ }
  };

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const sameKey = ({ options }) => {
    if (!options?.applicationServerKey) return true;
    const own = bytes(publicKey), used = new Uint8Array(options.applicationServerKey);
    return own.length === used.length && own.every((byte, n) => byte === used[n]);
  };
  const who = () => {
    const anonymousId = window.segmentflow.anonymousId();
    return anonymousId ? { userId: window.segmentflow.userId() || undefined, anonymousId } : null;
  };

  const tell = async (values) => {
    // As plain text it needs no question beforehand; credentials are nobody's business.
    const body = JSON.stringify({ writeKey: key, ...values });
    const answer = await fetch(target, { method: "POST", body, credentials: "omit", keepalive: true });
    if (!answer.ok) throw new Error((await answer.json()).message);
  };
  const active = (registration) => new Promise((resolve, reject) => {
    const waited = registration.installing || registration.waiting;
    if (registration.active || !waited) resolve(registration);
    else waited.addEventListener("statechange", () => {
      if (waited.state === "activated") resolve(registration);
      if (waited.state === "redundant") reject(new Error("The service worker could not start."));
    });
  });
  const subscribed = async (registration) => {
    let found = await registration.pushManager.getSubscription();
    if (found && !sameKey(found)) {
      await found.unsubscribe();
      found = null;
    }
    return found ?? registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(publicKey) });
  };
  const announce = async (subscription, values) => {
    const me = who();
    if (!me) return false;
    await tell({ ...me, subscription, ...values });
    write({ endpoint: subscription.endpoint, who: JSON.stringify(me), at: Date.now() });
    // The worker has no other way to know whom to tell when the browser gets another address.
    const cache = await caches.open(NAME);
    await cache.put(`/${NAME}`, new Response(JSON.stringify({ target, key, publicKey, endpoint: subscription.endpoint })));
    return true;
  };
  const forget = async (endpoint) => {
    if (!endpoint) return;
    await tell({ subscription: { endpoint }, subscribed: false });
    write({ endpoint: null });
    await caches.delete(NAME);
  };

  // What was agreed to before: still there, and still this visitor's?
  const renew = async () => {
    const told = read();
    if (!told.endpoint) return;
    if (Notification.permission !== "granted") {
      await forget(told.endpoint);
      return;
    }
    const registration = await navigator.serviceWorker.getRegistration(worker);
    if (!registration?.active) return;
    const subscription = await subscribed(registration);
    const isOld = subscription.endpoint !== told.endpoint || !(Date.now() - told.at < DAY);
    if (!isOld && JSON.stringify(who()) === told.who) return;
    const replaces = subscription.endpoint === told.endpoint ? undefined : told.endpoint;
    await announce(subscription, { renewed: true, replaces });
  };
  // One after the other, so that the last thing told is the last that is so.
  let turn = Promise.resolve();
  const inTurn = (task) => {
    const done = turn.then(task);
    turn = done.catch(() => {});
    return done;
  };
  let timer = 0;
  const renewSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => inTurn(renew).catch(() => {}), 400);
  };

  const api = {
    // In a click: browsers ask for permission only then.
    async subscribe() {
      if (!isSupported) return "unsupported";
      if (!who()) return "refused";
      if (await Notification.requestPermission() !== "granted") return "denied";
      return inTurn(async () => {
        const registration = await active(await navigator.serviceWorker.register(worker));
        return await announce(await subscribed(registration)) ? "subscribed" : "refused";
      });
    },
    async unsubscribe() {
      if (!isSupported) return "unsupported";
      return inTurn(async () => {
        const registration = await navigator.serviceWorker.getRegistration(worker);
        const subscription = await registration?.pushManager.getSubscription();
        const endpoint = subscription?.endpoint ?? read().endpoint;
        await subscription?.unsubscribe();
        await forget(endpoint);
        return "unsubscribed";
      });
    },
    state() {
      if (!isSupported) return "unsupported";
      if (Notification.permission === "denied") return "denied";
      return Notification.permission === "granted" && read().endpoint ? "subscribed" : "unsubscribed";
    },
  };

  // The other script may come later; until it is there, `segmentflow.push` is that of a list.
  let wait = 25;
  const begin = () => {
    const segmentflow = window.segmentflow;
    if (!segmentflow?.anonymousId) {
      setTimeout(begin, wait = Math.min(wait * 1.5, 2000));
      return;
    }
    Object.assign(segmentflow.push, api);
    if (!isSupported) return;
    for (const name of ["identify", "reset", "consent"]) {
      const original = segmentflow[name];
      segmentflow[name] = (...values) => {
        const result = original(...values);
        renewSoon();
        return result;
      };
    }
    renewSoon();
  };
  begin();
})();

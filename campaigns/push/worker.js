// Push messages for SegmentFlow (docs/push.md): shows them, and opens where they lead.
(() => {
  const NAME = "segmentflow.push";

  const read = (data) => {
    try {
      const message = data.json();
      return message.segmentflow ? message : null;
    } catch {
      return null; // somebody else's
    }
  };

  self.addEventListener("push", (event) => {
    const message = event.data && read(event.data);
    if (!message) return;
    const { title, body, icon, image, tag, url } = message;
    const options = { body, tag, data: { segmentflow: { url } } };
    if (icon) options.icon = icon;
    if (image) options.image = image;
    event.waitUntil(self.registration.showNotification(title, options));
  });

  self.addEventListener("notificationclick", (event) => {
    const own = event.notification.data?.segmentflow;
    if (!own) return;
    event.notification.close();
    if (/^https?:/i.test(own.url ?? "")) event.waitUntil(self.clients.openWindow(own.url));
  });

  const move = async (event) => {
    const cache = await caches.open(NAME);
    const known = await (await cache.match(`/${NAME}`))?.json();
    if (!known) return;
    const { target, key, publicKey, endpoint } = known;
    const options = event.oldSubscription?.options ?? { userVisibleOnly: true, applicationServerKey: publicKey };
    const subscription = event.newSubscription ?? await self.registration.pushManager.subscribe(options);
    const body = JSON.stringify({ writeKey: key, replaces: event.oldSubscription?.endpoint ?? endpoint, subscription });
    await fetch(target, { method: "POST", body, credentials: "omit" });
    await cache.put(`/${NAME}`, new Response(JSON.stringify({ ...known, endpoint: subscription.endpoint })));
  };
  self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(move(event)));
})();

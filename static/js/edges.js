// While something is dragged, the page scrolls as long as the pointer is near the window's upper or
// lower edge. SortableJS can do it, but may not notice that a pointer has come to rest there.
const NEAR = 70; // pixels from the edge
const SPEED = 0.65; // pixels a millisecond

export function scrollAtEdges(pointerY) {
  let before = performance.now();
  let rest = 0;
  requestAnimationFrame(function step(now) {
    const y = pointerY();
    if (y === null) return;
    const direction = y < NEAR ? -1 : y > innerHeight - NEAR ? 1 : 0;
    rest = direction && rest + direction * SPEED * Math.min(now - before, 100);
    before = now;
    const whole = Math.trunc(rest);
    if (whole) window.scrollBy({ top: whole, behavior: "instant" });
    rest -= whole;
    requestAnimationFrame(step);
  });
}

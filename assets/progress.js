// Renews the live part of the progress page from the server's events. Without it the page is read again by hand.
"use strict";
(() => {
  const live = document.getElementById("live");
  const state = document.getElementById("state");
  if (!live || !state || !window.EventSource) return;
  const source = new EventSource(live.dataset.events);
  source.addEventListener("mails", (event) => {
    // Whoever has the keyboard in here is about to do something: nothing moves away under the fingers.
    if (!live.contains(document.activeElement)) live.innerHTML = event.data;
  });
  source.addEventListener("state", (event) => {
    // Only a change is spoken.
    if (state.textContent !== event.data) state.textContent = event.data;
  });
  source.addEventListener("end", () => source.close());
  window.addEventListener("pagehide", () => source.close());
})();

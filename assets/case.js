// Improves the case page where script runs: finds venues as one types, and counts the days on the button. All of it works without.
"use strict";
(() => {
  const field = document.getElementById("q");
  const found = document.getElementById("found");
  if (field && found) {
    let timer = 0;
    let asked = 0;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const mine = ++asked;
        const address = new URL(field.dataset.found, location.href);
        address.searchParams.set("q", field.value);
        try {
          const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin", redirect: "error" });
          if (answer.ok && mine === asked) found.innerHTML = await answer.text();
        } catch {
          // The button next to the field still works.
        }
      }, 200);
    });
  }
  const stays = document.getElementById("stays");
  if (stays) {
    const button = stays.querySelector("button");
    const count = () => {
      const days = stays.querySelectorAll("input[name=date]:checked").length;
      const words = days === 0 ? stays.dataset.none : days === 1 ? stays.dataset.one : stays.dataset.many;
      button.textContent = words.replace("#", days);
    };
    stays.addEventListener("change", count);
    count();
  }
})();

"use strict";
// Each figure stands as a picture; where scripts run, its chart takes the picture's place.
(async () => {
  let drawn = 0;
  for (const place of document.querySelectorAll("[data-spec]")) {
    const picture = place.innerHTML;
    try {
      const spec = JSON.parse(document.getElementById(place.dataset.spec).textContent);
      const target = document.createElement("div");
      place.append(target);
      await vegaEmbed(target, spec, { mode: "vega-lite", actions: false, renderer: "svg", defaultStyle: false });
      place.querySelector("img").remove();
      const svg = target.querySelector("svg");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", place.dataset.said);
      drawn += 1;
    } catch (error) {
      console.error(place.dataset.spec, error);
      place.innerHTML = picture;
    }
  }
  document.documentElement.dataset.drawn = String(drawn);
})();

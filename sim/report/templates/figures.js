// Draws every figure of the page from the JSON beside it: in the colours of the reader's theme, in
// the width there is, and for paper in light colours and the width of an A4 page.
"use strict";
(() => {
  const dark = JSON.parse(document.getElementById("dark").textContent);
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const drawings = [...document.querySelectorAll("script.drawing")];
  const onPaper = 660;

  const coloured = (text, isDark) =>
    isDark ? Object.entries(dark).reduce((all, [one, other]) => all.replaceAll(one, other), text) : text;

  const draw = (isDark, width) => {
    for (const drawing of drawings) {
      const plot = document.getElementById(drawing.dataset.plot);
      const { data, layout } = JSON.parse(coloured(drawing.textContent, isDark));
      layout.width = width || plot.clientWidth;
      Plotly.react(plot, data, layout, { displayModeBar: false, responsive: false, locale: "en" });
    }
  };

  let printing = false;
  const redraw = () => { if (!printing) draw(prefersDark.matches); };
  redraw();
  prefersDark.addEventListener("change", redraw);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) { width = innerWidth; redraw(); }
  });
  addEventListener("beforeprint", () => { printing = true; draw(false, onPaper); });
  addEventListener("afterprint", () => { printing = false; redraw(); });
})();

// Draws every figure of the page from the JSON beside it: in the colours of the reader's theme, in
// the width there is; and for paper in light colours and the width of an A4 page.
"use strict";
(() => {
  const dark = JSON.parse(document.getElementById("dark").textContent);
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const drawings = [...document.querySelectorAll("script.drawing")];
  const folded = [...document.querySelectorAll("details.folded")];
  const onPaper = { wide: 660, narrow: 320 };

  const coloured = (text, isDark) =>
    isDark ? Object.entries(dark).reduce((all, [one, other]) => all.replaceAll(one, other), text) : text;

  const draw = (isDark, widthOf) => {
    for (const drawing of drawings) {
      const plot = document.getElementById(drawing.dataset.plot);
      const width = widthOf(plot);
      if (!width) continue;
      const { data, layout } = JSON.parse(coloured(drawing.textContent, isDark));
      const font = { ...layout.font, size: width < 480 ? 11 : layout.font.size };
      Plotly.purge(plot);
      Plotly.newPlot(plot, data, { ...layout, width, font }, { displayModeBar: false });
    }
  };

  let printing = false;
  const drawOnScreen = () => {
    if (!printing) draw(prefersDark.matches, (plot) => plot.clientWidth);
  };
  drawOnScreen();
  prefersDark.addEventListener("change", drawOnScreen);
  let width = document.body.clientWidth;
  addEventListener("resize", () => {
    if (document.body.clientWidth === width) return;
    width = document.body.clientWidth;
    drawOnScreen();
  });

  let opened = [];
  addEventListener("beforeprint", () => {
    printing = true;
    opened = folded.filter((one) => !one.open);
    for (const one of opened) one.open = true;
    draw(false, (plot) => onPaper[plot.closest(".narrow") ? "narrow" : "wide"]);
  });
  addEventListener("afterprint", () => {
    printing = false;
    for (const one of opened) one.open = false;
    drawOnScreen();
  });
})();

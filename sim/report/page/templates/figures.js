// Opens what is folded where a link points into it and for paper. Draws every figure of the page from
// the JSON beside it, as soon as it is unfolded: in the colours of the reader's theme, in the width
// there is; and for paper in light colours and the width of an A4 page.
"use strict";
(() => {
  const darkColours = document.getElementById("dark");
  const dark = darkColours ? JSON.parse(darkColours.textContent) : {};
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const drawings = [...document.querySelectorAll("script.drawing")];
  const folded = [...document.querySelectorAll("#more details.folded, details.fold")];
  const onPaper = { wide: 660, narrow: 320 };

  const coloured = (text, isDark) =>
    isDark ? Object.entries(dark).reduce((all, [one, other]) => all.replaceAll(one, other), text) : text;

  // Plotly is read when something is to be drawn, not before: most readers unfold nothing.
  const readPlotly = () => {
    if (typeof Plotly !== "undefined") return;
    const script = document.createElement("script");
    script.textContent = document.getElementById("plotly").textContent;
    document.head.append(script);
  };
  const draw = (isDark, widthOf, within = document.body) => {
    for (const drawing of drawings) {
      const plot = document.getElementById(drawing.dataset.plot);
      if (!within.contains(plot)) continue;
      const width = widthOf(plot);
      if (!width) continue;
      readPlotly();
      const { data, layout } = JSON.parse(coloured(drawing.textContent, isDark));
      const font = { ...layout.font, size: width < 480 ? 11 : layout.font.size };
      Plotly.purge(plot);
      Plotly.newPlot(plot, data, { ...layout, width, font }, { displayModeBar: false });
    }
  };

  let printing = false;
  const drawOnScreen = (within) => {
    if (!printing) draw(prefersDark.matches, (plot) => plot.clientWidth, within);
  };
  drawOnScreen();
  prefersDark.addEventListener("change", () => drawOnScreen());
  const section = (one) => one.classList.contains("fold");
  for (const one of folded.filter(section)) one.addEventListener("toggle", () => one.open && drawOnScreen(one));
  const unfold = () => {
    const wanted = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let one = wanted; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    if (wanted) wanted.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
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

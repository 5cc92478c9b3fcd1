// Finds the design that the sliders stand at, or the nearest that was played, and shows what belongs
// to it. All numbers and sentences are handed over as text; nothing of them is worked out here.
"use strict";
(() => {
  const all = JSON.parse(document.getElementById("handed").textContent);
  const { say, questions, designs, pictures } = all;
  const by = (id) => document.getElementById(id);
  const byPlaces = new Map(designs.map((one, number) => [one.at.join(), number]));
  const fields = questions.map((_, number) => by(`question-${number}`));
  let at = [...designs[all.first].at];
  let over = 0;
  let shown = all.first;

  const make = (name, text = "", look = "") => {
    const made = document.createElement(name);
    made.textContent = text;
    if (look) made.className = look;
    return made;
  };
  const verdict = (mark, word) => {
    const made = make("span", "", `verdict ${mark}`);
    made.append(by(`mark-${mark}`).content.cloneNode(true), make("span", word));
    return made;
  };
  const known = (text) => make("span", text ? ` (${text})` : "", "known");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

  // --- which design ---------------------------------------------------------------------------

  // Questions without an order are either alike or not; levels of the others are so far apart as on
  // their slider.
  const apart = (one) => questions.reduce((sum, question, number) => {
    if (!question.ordered) return sum + (one[number] === at[number] ? 0 : 1);
    return sum + (question.places[one[number]] - question.places[at[number]]) ** 2;
  }, 0);
  const nearest = () => designs.reduce(
    (best, one, number) => {
      const far = apart(one.at);
      return far < best.far ? { far, number } : best;
    },
    { far: Infinity, number: all.first },
  ).number;

  const address = () => new URLSearchParams(
    questions.map((one, number) => [one.key, one.values[at[number]]]),
  ).toString();

  const fromAddress = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const found = questions.map((one, number) => {
      const place = one.values.indexOf(wanted.get(one.key));
      return place < 0 ? at[number] : place;
    });
    const changed = found.join() !== at.join();
    at = found;
    return changed;
  };

  // --- what it says ---------------------------------------------------------------------------

  const head = (design, played) => {
    const number = designs.indexOf(design);
    const as = played ? (number === all.base ? say.as_it_is : "") : say.nearest_is;
    by("which").textContent = `${as} ${design.name}`.trim();
    by("which").classList.toggle("other", !played);
    const told = design.title.filter(Boolean);
    by("finding").textContent = told.join("\n");
    by("verdict").replaceChildren(
      ...(design.verdict && number !== all.base ? [verdict(...design.verdict)] : []),
    );
    by("changes").textContent = design.changes ? fill(say.changes, { changes: design.changes }) : "";
    by("not-played").hidden = played;
    by("nearest").textContent = played ? "" : fill(say.nearest, {
      wanted: questions.map((one, place) => one.whole[at[place]]).join(", "),
      design: design.name,
    });
    by("broken").hidden = !design.broken;
    by("broken").querySelector("p span").textContent = design.broken || "";
    by("spoken").textContent = `${design.name}. ${told.join(" ")}`;
  };

  const change = (figure, whole) => {
    const [, , mark, word, text, ends] = figure;
    if (!mark) return [];
    const parts = [verdict(mark, word)];
    if (text) parts.push(" ", make("strong", text), known(ends));
    return whole ? parts : [verdict(mark, word), make("span", text ? ` ${text}` : ""), known(ends)];
  };

  const card = ([place, target], design) => {
    const [label, base] = all.figures[place];
    const figure = design.figures[place];
    const made = make("article", "", "card");
    made.append(make("h2", label));
    const value = make("p", "", "value");
    if (base) value.append(make("span", base, "before"), make("span", " → "));
    value.append(make("strong", figure[0]), known(figure[1]));
    made.append(value);
    if (figure[2] && design.changes) {
      const line = make("p", "", "change");
      line.append(...change(figure, false));
      made.append(line);
    }
    if (target !== null) {
      const [mark, word] = design.targets[target];
      const line = make("p", "", "limit");
      line.append(verdict(mark, word), make("span", ` ${all.targets[target]}`));
      made.append(line);
    }
    return made;
  };

  const lines = (design) => (design.changes ? design.lines : []).flatMap(([label, strong, ends]) => {
    const said = make("dd", strong);
    said.append(known(ends));
    return label ? [make("dt", label), said] : [said];
  });

  const judged = (design) => all.targets.map((text, number) => {
    const [mark, word, value, remark] = design.targets[number];
    const made = make("li");
    made.append(verdict(mark, word), make("span", text), make("span", value, "known"));
    if (remark) made.append(make("small", remark));
    return made;
  });

  const rows = (design) => all.figures.map(([label, base], number) => {
    const figure = design.figures[number];
    const row = document.createElement("tr");
    const name = make("th", label);
    name.scope = "row";
    row.append(name);
    const data = (head) => {
      const made = document.createElement("td");
      made.dataset.head = head;
      row.append(made);
      return made;
    };
    if (figure.length > 2) data(say.as_it_was).textContent = base || "–";
    data(say.this_design).append(make("strong", figure[0]), known(figure[1]));
    if (figure.length > 2) data(say.difference).append(...change(figure, true));
    return row;
  });

  // --- pictures -------------------------------------------------------------------------------

  const drawn = (name, look, attributes, text = "") => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    if (look) made.setAttribute("class", look);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };
  // Those that differ from the chosen one in nothing but the question of the picture.
  const along = (chosen) => designs
    .map((_, number) => number)
    .filter((number) => designs[number].at.every(
      (place, asked) => asked === over || place === designs[chosen].at[asked],
    ))
    .sort((one, other) => designs[one].at[over] - designs[other].at[over]);

  const dots = (x, points, of, look, also) => drawn("path", look, {
    d: of.filter((number) => points[number])
      .map((number) => `M${x[designs[number].at[over]]} ${points[number][0]}h0`).join(""),
    ...also,
  });

  const picture = (one, chosen) => {
    const [width, height, left, right, , bottom] = all.box;
    const { x, shown: labelled } = questions[over];
    const line = along(chosen);
    const texts = new Set(line.map((number) => designs[number].figures[one.figure][0]));
    if (line.length > 1 && texts.size === 1) {
      const said = make("p", fill(say.same_along, {
        figure: one.title, value: [...texts][0], question: questions[over].name,
      }), "same-along");
      said.id = one.key;
      return said;
    }
    const svg = drawn("svg", "", {
      viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": fill(say.picture_says, { figure: one.title, question: questions[over].name }),
    });
    for (const [y, text] of one.ticks) {
      svg.append(
        drawn("path", "hair", { d: `M${left} ${y}H${width - right}` }),
        drawn("text", "note", { x: left - 6, y: y + 4, "text-anchor": "end" }, text),
      );
    }
    for (const place of labelled) {
      const anchor = place === 0 && x.length > 1 ? "start" : place === x.length - 1 && place ? "end" : "middle";
      svg.append(drawn("text", "note", { x: x[place], y: height - bottom + 18, "text-anchor": anchor }, questions[over].texts[place]));
    }
    svg.append(drawn("text", "note", { x: width - right, y: height - 6, "text-anchor": "end" }, questions[over].name));
    svg.append(dots(x, one.points, designs.map((_, number) => number), "others", {}));
    const across = (found, look) => {
      if (found) svg.append(drawn("path", look, { d: `M${left} ${found[0]}H${width - right}` }));
    };
    const named = (found, side) => {
      if (!found) return;
      const end = side === "end";
      svg.append(drawn("text", "note halo-text", {
        x: end ? width - right - 14 : left + 14, y: found[1], "text-anchor": side,
      }, found[2]));
    };
    across(one.base, "base dashed");
    across(one.limit, "limit");
    const there = line.filter((number) => one.points[number]);
    const place = (number) => `${x[designs[number].at[over]]} ${one.points[number][0]}`;
    svg.append(
      drawn("path", "ranges", {
        d: there.filter((number) => one.points[number].length > 1)
          .map((number) => `M${x[designs[number].at[over]]} ${one.points[number][1]}V${one.points[number][2]}`).join(""),
      }),
      drawn("path", "along", { d: there.length ? `M${there.map(place).join("L")}` : "" }),
      dots(x, one.points, there, "played", {}),
    );
    if (one.points[chosen]) {
      const [y] = one.points[chosen];
      const here = x[designs[chosen].at[over]];
      const anchor = here < left + 30 ? "start" : here > width - right - 30 ? "end" : "middle";
      svg.append(
        drawn("circle", "chosen", { cx: here, cy: y, r: 6.5 }),
        drawn("text", "strong halo-text", { x: here, y: y - 12, "text-anchor": anchor }, designs[chosen].figures[one.figure][0]),
      );
    }
    named(one.base, "start");
    named(one.limit, "end");
    const made = document.createElement("figure");
    made.className = "picture";
    made.id = one.key;
    const caption = document.createElement("figcaption");
    caption.append(make("h3", one.title));
    made.append(caption, svg, table(one, line));
    return made;
  };

  const table = (one, line) => {
    const made = document.createElement("details");
    const summary = make("summary", say.as_table);
    summary.append(make("span", `: ${one.title}`, "hidden"));
    const rows = document.createElement("table");
    const body = document.createElement("tbody");
    for (const number of line) {
      const row = document.createElement("tr");
      const level = make("th", questions[over].whole[designs[number].at[over]]);
      level.scope = "row";
      const value = make("td", designs[number].figures[one.figure][0]);
      value.append(known(designs[number].figures[one.figure][1]));
      row.append(level, value);
      body.append(row);
    }
    rows.append(body);
    made.append(summary, rows);
    return made;
  };

  const list = () => all.listed.map((number) => {
    const made = document.createElement("li");
    const design = designs[number];
    const button = make("button", design.name);
    button.type = "button";
    button.dataset.design = number;
    const said = all.cards
      .map(([place]) => [all.figures[place][0], design.figures[place][0]])
      .filter(([, value]) => value !== "–")
      .map(([label, value]) => `${label}: ${value}`);
    made.append(button, make("small", said.join(" · ")));
    return made;
  });

  // --- the page -------------------------------------------------------------------------------

  const show = (spoken = true) => {
    const played = byPlaces.get(at.join());
    shown = played === undefined ? nearest() : played;
    const design = designs[shown];
    questions.forEach((question, number) => {
      const field = fields[number];
      const box = field.closest(".question");
      field.value = at[number];
      if (question.ordered) {
        field.setAttribute("aria-valuetext", question.whole[at[number]]);
        box.querySelector("output").textContent = question.texts[at[number]];
        const [less, more] = box.querySelectorAll("[data-step]");
        less.disabled = at[number] === 0;
        more.disabled = at[number] === question.values.length - 1;
      }
      box.classList.toggle("changed", question.base !== null && question.base !== at[number]);
      const back = box.querySelector("[data-back]");
      if (back) back.hidden = question.base === at[number];
    });
    head(design, played !== undefined);
    if (!spoken) by("spoken").textContent = "";
    by("cards").replaceChildren(...all.cards.map((one) => card(one, design)));
    by("lines").replaceChildren(...lines(design));
    by("foot").textContent = design.foot || "";
    if (by("targets")) by("targets").replaceChildren(...judged(design));
    by("figures").replaceChildren(...rows(design));
    by("over").value = over;
    by("pictures").replaceChildren(...pictures.map((one) => picture(one, shown)));
    for (const one of document.querySelectorAll("[data-design]")) {
      one.setAttribute("aria-pressed", String(Number(one.dataset.design) === shown && played !== undefined));
    }
    if (by("reset")) by("reset").disabled = shown === all.base && played !== undefined;
  };

  const keep = () => history.replaceState(null, "", `#${address()}`);
  const move = (number, place) => {
    const last = questions[number].values.length - 1;
    at[number] = Math.min(Math.max(place, 0), last);
    over = number;
    by("link").hidden = true;
    by("copied").textContent = "";
    keep();
    show();
  };
  const choose = (number) => {
    at = [...designs[number].at];
    keep();
    show();
  };

  fields.forEach((field, number) => {
    field.addEventListener("input", () => move(number, Number(field.value)));
  });
  by("questions").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const box = event.target.closest(".question");
    if (!button || !box) return;
    const number = Number(box.dataset.question);
    if (button.dataset.step) move(number, at[number] + Number(button.dataset.step));
    if (button.dataset.back) {
      move(number, Number(button.dataset.back));
      fields[number].focus();
    }
  });
  by("questions").addEventListener("submit", (event) => event.preventDefault());
  by("go").addEventListener("click", () => {
    choose(shown);
    by("finding").focus();
  });
  by("listed").addEventListener("click", (event) => {
    const button = event.target.closest("[data-design]");
    if (button) choose(Number(button.dataset.design));
  });
  by("over").addEventListener("change", () => {
    over = Number(by("over").value);
    show(false);
  });
  if (by("reset")) by("reset").addEventListener("click", () => choose(all.base));
  by("copy").addEventListener("click", async () => {
    keep();
    const link = by("link");
    link.value = location.href;
    link.hidden = false;
    link.select();
    try {
      await navigator.clipboard.writeText(location.href);
      by("copied").textContent = say.copied;
    } catch {
      by("copied").textContent = say.copy_it;
    }
  });
  addEventListener("hashchange", () => {
    if (location.hash.includes("=") && fromAddress()) show();
  });

  const widest = questions.reduce(
    (best, one, number) => (one.values.length > questions[best].values.length ? number : best), 0,
  );
  over = questions[0].values.length > 1 ? 0 : widest;
  by("listed").replaceChildren(...list());
  if (!pictures.length) by("pictures-of").hidden = true;
  fromAddress();
  show(false);
})();

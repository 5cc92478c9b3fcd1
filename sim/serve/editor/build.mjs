// Builds ../assets/editor.js of this folder, and writes down what it carries of others.
//
//   npm ci && node build.mjs      in a copy of this folder, as `make kept` does; argument: where to

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const into = process.argv[2];
const sources = ["build.mjs", "complete.js", "editor.js", "package-lock.json", "package.json"];
const sum = createHash("sha256");
for (const name of sources) sum.update(readFileSync(name));

const made = await build({
  entryPoints: ["editor.js"], bundle: true, minify: true, format: "esm", target: "es2022",
  charset: "utf8", legalComments: "none", metafile: true, write: false,
});

const carried = new Set(
  Object.keys(made.metafile.inputs)
    .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
    .filter(Boolean),
);
const texts = [...carried].sort().map((name) => {
  const folder = join("node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
});
const head = `/* dcr-sim's editor, with CodeMirror 6: see editor-licenses.txt. Built from ${sum.digest("hex")} */\n`;
writeFileSync(join(into, "editor.js"), head + made.outputFiles[0].text);
writeFileSync(
  join(into, "editor-licenses.txt"),
  `What editor.js carries of others, each with its licence.\n\n${texts.join(`\n${"-".repeat(70)}\n\n`)}`,
);

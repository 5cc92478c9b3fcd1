// What may stand where the cursor is: keys and values of the scenario's JSON schema, and names that
// the scenario itself gives. Where the cursor is, is found from the text, also while it is not whole.

const NAMES = { // keys whose values are names that are given elsewhere
  role: [["staff", "roles"]], roles: [["staff", "roles"]], team: [["staff", "roles"]],
  rooms: [["rooms"]], services: [["services"]], kind: [["visits"]],
};
const KEY = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s#:{}[\],&*!|>%@`"'-][^#:{}[\],]*?|-[^\s#:{}[\],][^#:{}[\],]*?))\s*:(?=\s|$)/;

const isEmpty = (line) => /^\s*(#.*)?$/.test(line);
const keyOf = (found) => found[1] ?? found[2] ?? found[3];

// A line as its parts: how far in its content stands, after the dashes of list items before it.
function parts(line) {
  const items = [];
  let at = line.match(/^ */)[0].length;
  for (let found; (found = /^-(?: +|$)/.exec(line.slice(at))); at += found[0].length) items.push(at);
  const rest = line.slice(at);
  const key = KEY.exec(rest);
  return { items, at, rest, key: key && keyOf(key), value: key ? rest.slice(key[0].length) : null };
}

// --- where the cursor is ------------------------------------------------------------------------

// The path of the block that content so far in would belong to, above a line; numbers of list items
// are all 0, as the schema is the same for all of them. `siblings` are the keys beside it. A parent's
// key stands less far in than `keys`, a parent's dash than `items`.
function above(lines, number, indent, keys = indent, items = indent) {
  const path = [];
  const siblings = new Map();
  let inside = true; // still in the map that the cursor is in
  for (let n = number - 1; n >= 0 && (keys > 0 || items > 0); n -= 1) {
    if (isEmpty(lines[n])) continue;
    const one = parts(lines[n]);
    const own = one.key === null ? Infinity : one.at;
    if (inside && own === indent) siblings.set(one.key, (one.value ?? "").trim());
    if (own < keys) {
      path.unshift(one.key);
      keys = own;
      items = own;
      inside = false;
    }
    for (const item of [...one.items].reverse()) {
      if (item >= items) continue;
      path.unshift(0);
      items = item;
      keys = item + 0.5; // a list may stand as far in as its key
      inside = false;
    }
  }
  return { path, siblings };
}

function below(lines, number, indent, siblings) {
  for (let n = number + 1; n < lines.length; n += 1) {
    if (isEmpty(lines[n])) continue;
    const one = parts(lines[n]);
    if (one.items.length || one.at < indent) return;
    if (one.at === indent && one.key !== null) siblings.set(one.key, (one.value ?? "").trim());
  }
}

// Braces and brackets that are open before the cursor, with the keys in each.
function flow(text) {
  const open = [];
  let word = "";
  let quote = "";
  let comment = false;
  for (const sign of text) {
    const starts = /(^|[\s,:{[])$/.test(word);
    if (comment) {
      comment = sign !== "\n";
    } else if (quote) {
      if (sign === quote) quote = "";
      word += sign;
    } else if ((sign === '"' || sign === "'") && starts) {
      quote = sign;
      word += sign;
    } else if (sign === "#" && /(^|\s)$/.test(word)) {
      comment = true;
    } else if (sign === "{" || sign === "[") {
      open.push({ sign, key: null, seen: new Map() });
      word = "";
    } else if (sign === "}" || sign === "]") {
      open.pop();
      word = "";
    } else if (open.length && sign === ",") {
      const top = open.at(-1);
      if (top.key !== null) top.seen.set(top.key, word.trim());
      top.key = null;
      word = "";
    } else if (open.length && sign === ":" && open.at(-1).key === null && open.at(-1).sign === "{") {
      open.at(-1).key = word.trim().replace(/^["']|["']$/g, "");
      word = "";
    } else {
      word += sign;
    }
  }
  return { open, word, comment };
}

// The last line at or above that begins an entry of a block whose braces are still open.
function beginning(lines, number, column) {
  for (let n = number, steps = 0; n >= 0 && steps < 40; n -= 1, steps += 1) {
    const { key, items } = parts(lines[n]);
    if (key === null && !items.length) continue;
    const text = [...lines.slice(n, number), lines[number].slice(0, column)].join("\n");
    if (flow(text).open.length) return n;
    if (n < number && key !== null && steps > 12) return number;
  }
  return number;
}

export function place(text, position) {
  const before = text.slice(0, position);
  const lines = text.split("\n");
  const number = before.split("\n").length - 1;
  const column = position - (before.lastIndexOf("\n") + 1);
  const first = beginning(lines, number, column);
  const from = [...lines.slice(first, number), lines[number].slice(0, column)].join("\n");
  const start = from.split("\n")[0];
  const one = parts(start);
  const outer = one.items.length
    ? above(lines, first, NaN, one.items[0] + 0.5, one.items[0])
    : above(lines, first, one.at);
  const path = [...outer.path, ...one.items.map(() => 0)];
  const { siblings } = outer;
  const entry = from.slice(one.at);
  const key = KEY.exec(entry);
  const { open, word: last, comment } = flow(key ? entry.slice(key[0].length) : entry);
  if (comment) return null;
  const word = last.trimStart();
  if (!open.length) {
    if (key) return { kind: "value", path: [...path, keyOf(key)], word, siblings };
    if (first === number) below(lines, number, one.at, siblings);
    return { kind: "key", path, word: entry, siblings, indent: one.at };
  }
  const into = key ? [...path, keyOf(key)] : path;
  for (const each of open.slice(0, -1)) {
    if (each.sign === "[") into.push(0);
    else if (each.key !== null) into.push(each.key);
  }
  const top = open.at(-1);
  if (top.sign === "[") return { kind: "value", path: [...into, 0], word, siblings: new Map() };
  if (top.key !== null) return { kind: "value", path: [...into, top.key], word, siblings: top.seen };
  return { kind: "key", path: into, word, siblings: top.seen, isFlow: true };
}

// --- the schema ---------------------------------------------------------------------------------

function alternatives(schema, root, depth = 0) {
  if (!schema || typeof schema !== "object" || depth > 12) return [];
  if (schema.$ref) {
    const of = schema.$ref.replace("#/", "").split("/").reduce((at, step) => at?.[step], root);
    const found = alternatives(of, root, depth + 1);
    return schema.description ? found.map((one) => ({ ...one, description: schema.description })) : found;
  }
  const several = schema.anyOf ?? schema.oneOf;
  if (!several) return [schema];
  return several.flatMap((one) => alternatives(one, root, depth + 1));
}

function step(schemas, key, root) {
  return schemas.flatMap((one) => {
    if (key === 0) return alternatives(one.items, root);
    const own = one.properties?.[key];
    return alternatives(own ?? (one.additionalProperties || null), root);
  });
}

// Of several kinds of map, such as distributions, those that what is written can still be.
function fitting(schemas, siblings) {
  const found = schemas.filter((one) => !one.properties || [...siblings].every(([key, value]) => {
    const of = one.properties[key];
    if (of?.const !== undefined) return !value || String(of.const) === value;
    if (of?.enum) return !value || of.enum.map(String).includes(value);
    return of !== undefined || Boolean(one.additionalProperties);
  }));
  return found.length ? found : schemas;
}

const nothing = (text) => (text ?? "").replace(/\s+/g, " ").trim();
const written = (value) => (/^[\w.+/-][\w .+/-]*$/.test(String(value)) || typeof value === "number" ? String(value) : JSON.stringify(value));

function needs(schemas) {
  const map = schemas.some((one) => one.type === "object" || one.properties);
  const list = schemas.some((one) => one.type === "array");
  const plain = schemas.some((one) => !["object", "array", "null"].includes([one.type].flat()[0]));
  return { map: map && !plain, list: list && !plain && !map };
}

export function keysAt(where, schema) {
  const here = where.path.reduce((at, key) => step(at, key, schema), alternatives(schema, schema));
  const of = fitting(here, where.siblings);
  const found = new Map();
  for (const one of of) {
    for (const [name, own] of Object.entries(one.properties ?? {})) {
      if (where.siblings.has(name) || found.has(name)) continue;
      const types = alternatives(own, schema);
      const info = nothing(own.description) || nothing(types.find((each) => each.description)?.description);
      found.set(name, { label: name, info, needed: (one.required ?? []).includes(name), ...needs(types) });
    }
  }
  return [...found.values()];
}

export function valuesAt(where, schema, text) {
  const here = where.path.slice(0, -1).reduce((at, key) => step(at, key, schema), alternatives(schema, schema));
  const last = where.path.at(-1);
  const of = step(fitting(here, new Map([...where.siblings].filter(([key]) => key !== last))), last, schema);
  const found = new Map();
  const add = (value, info, kind) => {
    const label = written(value);
    if (!found.has(label)) found.set(label, { label, info: nothing(info), kind });
  };
  for (const one of of) {
    for (const value of one.enum ?? []) add(value, one.description, "enum");
    if (one.const !== undefined) add(one.const, one.description, "enum");
    if ([one.type].flat().includes("boolean")) { add(true, one.description, "enum"); add(false, one.description, "enum"); }
    for (const value of one.examples ?? []) if (typeof value !== "object") add(value, one.description, "text");
  }
  const named = where.path.filter((key) => key !== 0).at(-1);
  for (const at of NAMES[named] ?? []) {
    if (at.length < where.path.length || at[0] !== where.path[0]) for (const name of namesIn(text, at)) add(name, "", "variable");
  }
  return [...found.values()];
}

// The keys right below a path in the text.
export function namesIn(text, path) {
  const found = [];
  const stack = [];
  for (const line of text.split("\n")) {
    if (isEmpty(line)) continue;
    const one = parts(line);
    if (one.key === null) continue;
    while (stack.length && stack.at(-1).at >= one.at) stack.pop();
    const under = stack.map((each) => each.key);
    if (under.length === path.length && path.every((key, n) => key === under[n])) found.push(one.key);
    stack.push({ at: one.at, key: one.key });
    const within = stack.map((each) => each.key).join("\n") === path.join("\n") && /^\s*\{(.*)\}/.exec(one.value ?? "");
    if (within) found.push(...[...within[1].matchAll(/(?:^|,)\s*([\w -]+?)\s*:/g)].map((each) => each[1]));
  }
  return found;
}

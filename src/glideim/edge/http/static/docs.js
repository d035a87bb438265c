"use strict";
// Shows openapi.json and lets one try it. Text only ever enters the page as text.

const el = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};

// What stands between backticks is code.
const prose = (tag, text) => el(tag, {}, ...text.split("`").map((part, i) => (i % 2 ? el("code", { textContent: part }) : part)));

const pretty = (value) => JSON.stringify(value, null, 2);

function schemaText(schema, components, depth = 0) {
  if (!schema) return "";
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return depth > 2 ? name : schemaText(components[name], components, depth);
  }
  if (schema.anyOf) return schema.anyOf.map((s) => schemaText(s, components, depth + 1)).join(" | ");
  if (schema.type === "array") return "[" + schemaText(schema.items || schema.prefixItems?.[0], components, depth + 1) + "]";
  if (schema.type !== "object") return String(schema.type ?? "any");
  const pad = "  ".repeat(depth + 1);
  if (!schema.properties) return "{string: " + schemaText(schema.additionalProperties, components, depth + 1) + "}";
  const required = new Set(schema.required || []);
  const lines = Object.entries(schema.properties).map(
    ([name, s]) => pad + name + (required.has(name) ? "" : "?") + ": " + schemaText(s, components, depth + 1));
  return "{\n" + lines.join("\n") + "\n" + "  ".repeat(depth) + "}";
}

// Who may call it.
const lock = (security) => {
  if (!security.length) return "";
  return security.some((way) => "token" in way) ? "(token)" : `(API key: ${security[0].key[0]})`;
};

function operation(path, method, op, components) {
  const fields = {};
  const rows = (op.parameters || []).map((p) => {
    fields[p.name] = el("input", { value: p.example === undefined ? "" : String(p.example) });
    return el("tr", {}, el("td", {}, el("code", { textContent: p.name }), ` (${p.in})`), el("td", {}, fields[p.name]));
  });
  const media = op.requestBody?.content["application/json"];
  const body = media && el("textarea", { rows: 6, value: pretty(media.example || {}) });
  const answer = el("pre", { hidden: true });
  const run = el("button", { textContent: "Try it" });
  run.addEventListener("click", () => attempt(path, method, op, fields, body, answer));
  const [status, done] = Object.entries(op.responses).find(([s]) => s.startsWith("2"));
  const result = done.content["application/json"];
  const refused = Object.entries(op.responses).filter(([s]) => !s.startsWith("2"));
  const inside = el("div", {},
    prose("p", op.description || ""),
    el("p", {}, "On the long connection: ", el("code", { textContent: op.operationId })));
  if (rows.length) inside.append(el("table", {}, ...rows));
  if (body) inside.append(el("h4", { textContent: "Body" }), el("pre", { textContent: schemaText(media.schema, components) }), body);
  inside.append(run, answer, el("h4", { textContent: `Result (${status})` }), el("pre", { textContent: schemaText(result.schema, components) }));
  if (result.example) inside.append(el("pre", { textContent: pretty(result.example) }));
  inside.append(el("h4", { textContent: "Problems" }),
    el("table", {}, ...refused.map(([s, r]) => el("tr", {}, el("td", { textContent: s }), prose("td", r.description)))));
  return el("details", {},
    el("summary", {}, el("span", { className: "method", textContent: method.toUpperCase() }), el("code", { textContent: path }),
      " " + op.summary + " ", el("span", { className: "lock", textContent: lock(op.security) })),
    inside);
}

async function attempt(path, method, op, fields, body, answer) {
  let url = path;
  const query = new URLSearchParams();
  for (const p of op.parameters || []) {
    const value = fields[p.name].value;
    if (p.in === "path") url = url.replace(`{${p.name}}`, encodeURIComponent(value));
    else if (value) query.set(p.name, value);
  }
  const token = document.getElementById("token");
  const headers = {};
  if (token.value) headers.Authorization = "Bearer " + token.value;
  if (body) headers["Content-Type"] = "application/json";
  answer.hidden = false;
  try {
    const response = await fetch(url + (query.size ? "?" + query : ""), { method: method.toUpperCase(), headers, body: body?.value });
    const text = await response.text();
    let shown = text;
    try {
      const value = JSON.parse(text);
      shown = pretty(value);
      if (value.token) token.value = value.token;
    } catch { /* not JSON: shown as it is */ }
    answer.textContent = `${response.status} ${response.statusText}\n${shown}`;
  } catch (error) {
    answer.textContent = String(error);
  }
}

async function show() {
  const api = await (await fetch("openapi.json")).json();
  document.getElementById("version").textContent = api.info.version;
  document.getElementById("about").textContent = api.info.description;
  const main = document.getElementById("operations");
  for (const tag of api.tags) {
    main.append(el("h2", { textContent: tag.name }));
    for (const [path, operations] of Object.entries(api.paths))
      for (const [method, op] of Object.entries(operations))
        if (op.tags.includes(tag.name)) main.append(operation(path, method, op, api.components.schemas));
  }
}

show();

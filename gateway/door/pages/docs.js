// Shows /openapi.json as a page. Nothing is loaded from elsewhere.
"use strict";

const WORDS = {
  zh: { parameters: "参数", body: "请求体", answers: "应答", permission: "权限", required: "必填", other: "English", broken: "无法读取 /openapi.json" },
  en: { parameters: "Parameters", body: "Body", answers: "Answers", permission: "Permission", required: "required", other: "中文", broken: "/openapi.json cannot be read" },
};
let language = (navigator.language || "en").startsWith("zh") ? "zh" : "en";
let description = null;

function node(name, text, attributes) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  return made;
}

// A text of the description, in which `this` is code.
function prose(name, text, attributes) {
  const made = node(name, null, attributes);
  text.split("`").forEach((part, number) => made.append(number % 2 ? node("code", part) : part));
  return made;
}

function behind(thing) {
  let found = thing;
  while (found && found.$ref) {
    found = found.$ref.slice(2).split("/").reduce((at, step) => at[step.replace(/~1/g, "/").replace(/~0/g, "~")], description);
  }
  return found;
}

// A schema as one would write an example down: names with kinds, an asterisk behind what is required.
function sketch(schema, depth) {
  const what = behind(schema) || {};
  const pad = "  ".repeat(depth + 1);
  const one = what.anyOf || what.oneOf;
  if (one) return one.map((each) => sketch(each, depth)).join(" | ");
  if (what.enum) return what.enum.map((value) => JSON.stringify(value)).join(" | ");
  const kind = Array.isArray(what.type) ? what.type.join(" | ") : what.type;
  if (what.properties && depth < 5) {
    const needed = new Set(what.required || []);
    const lines = Object.entries(what.properties).map(
      ([name, inner]) => `${pad}${name}${needed.has(name) ? "*" : ""}: ${sketch(inner, depth + 1)}`);
    return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
  }
  if (what.items) return `[ ${sketch(what.items, depth)} ]`;
  if (what.additionalProperties && typeof what.additionalProperties === "object" && depth < 5) {
    return `{ *: ${sketch(what.additionalProperties, depth)} }`;
  }
  const limits = [];
  if (what.format) limits.push(what.format);
  if (what.minimum !== undefined || what.maximum !== undefined) limits.push(`${what.minimum ?? ""}–${what.maximum ?? ""}`);
  if (what.maxLength !== undefined) limits.push(`≤ ${what.maxLength}`);
  return `${kind || "any"}${limits.length ? ` (${limits.join(", ")})` : ""}`;
}

function title(operation) {
  return language === "zh" ? operation.description.split("。")[0] : operation.summary;
}

function contents(content) {
  const shown = document.createDocumentFragment();
  for (const [type, media] of Object.entries(content || {})) {
    shown.append(node("p", type, { class: "soft" }), node("pre", sketch(media.schema, 0)));
  }
  return shown;
}

function show(path, method, operation) {
  const words = WORDS[language];
  const shown = node("section", null, { id: operation.operationId });
  const head = node("h3");
  head.append(node("span", method.toUpperCase(), { class: `method ${method}` }), node("code", path));
  shown.append(head, prose("p", title(operation)));
  shown.append(prose("p", `${words.permission}: ${operation.description.split("Permission ")[1]}`, { class: "soft" }));
  const parameters = (operation.parameters || []).concat(description.paths[path].parameters || []);
  if (parameters.length) {
    const box = node("details");
    const table = node("table");
    for (const parameter of parameters.map(behind)) {
      const row = node("tr");
      const name = node("td");
      name.append(node("code", parameter.name));
      row.append(name, node("td", parameter.in), node("td", sketch(parameter.schema, 0)));
      row.append(prose("td", (parameter.required ? `${words.required}. ` : "") + (parameter.description || "")));
      table.append(row);
    }
    box.append(node("summary", words.parameters), table);
    shown.append(box);
  }
  if (operation.requestBody) {
    const box = node("details");
    box.append(node("summary", words.body));
    if (operation.requestBody.description) box.append(prose("p", operation.requestBody.description, { class: "soft" }));
    box.append(contents(operation.requestBody.content));
    shown.append(box);
  }
  const box = node("details");
  box.append(node("summary", words.answers));
  for (const [status, response] of Object.entries(operation.responses)) {
    const answer = behind(response);
    box.append(prose("p", `${status} · ${answer.description}`));
    if (status < "400") box.append(contents(answer.content));
  }
  shown.append(box);
  return shown;
}

function render() {
  const calls = document.getElementById("calls");
  const list = document.getElementById("contents");
  calls.replaceChildren(prose("p", description.info.description));
  list.replaceChildren();
  document.documentElement.lang = language;
  document.getElementById("language").textContent = WORDS[language].other;
  for (const tag of description.tags) {
    list.append(node("h2", tag.name));
    calls.append(node("h2", tag.name));
    for (const [path, item] of Object.entries(description.paths)) {
      for (const method of ["get", "post"]) {
        const operation = item[method];
        if (!operation || operation.tags[0] !== tag.name) continue;
        list.append(prose("a", title(operation), { href: `#${operation.operationId}` }));
        calls.append(show(path, method, operation));
      }
    }
  }
}

document.getElementById("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  if (description) render();
});

fetch("/openapi.json")
  .then((answer) => answer.json())
  .then((read) => { description = read; render(); })
  .catch(() => { document.getElementById("calls").replaceChildren(node("p", WORDS[language].broken)); });

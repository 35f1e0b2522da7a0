// The REST guide of the Belgian government as rules for Spectral, with the names that the guide gives its rules
// (https://www.belgif.be/specification/rest/api-guide/). What an API that is only read cannot break is left out.
// What is not followed, and why, stands in docs/api.md.
import { casing, pattern, schema, truthy, length } from "@stoplight/spectral-functions";
import { oas } from "@stoplight/spectral-rulesets";

const OPERATION = "$.paths[*][get,put,post,delete,patch,head,options,trace]";
const PROBLEM = "application/problem+json";
const VERBS = /\/(get|list|find|fetch|create|make|update|change|delete|remove|add|set|do)([A-Z/]|$)/;
// Documents that there is one of; everything else above an item is a collection.
const SINGLE = ["v1", "organogram", "search", "refData", "health"];
const message = (text) => [{ message: text }];

function refersTo(document, shape) {
  const name = shape?.$ref?.split("/").pop();
  return name ? document.components.schemas[name] : shape;
}

function isPlural(address) {
  const last = address.split("/").pop();
  if (last.includes("{") || last.includes(".") || SINGLE.includes(last)) return undefined;
  return /s$/.test(last) ? undefined : message(`“${last}” is not a plural.`);
}

function hasNoVerb(address) {
  return VERBS.test(address) ? message(`“${address}” contains a verb.`) : undefined;
}

function isCollection(operation, _options, context) {
  const document = context.document.data;
  const names = (operation.parameters ?? []).map((parameter) => parameter.name);
  if (!operation.operationId?.startsWith("list")) return undefined;
  const shape = refersTo(document, operation.responses?.["200"]?.content?.["application/json"]?.schema);
  const faults = [];
  for (const name of ["self", "items", "total", "page", "pageSize", "next", "prev"])
    if (!shape?.properties?.[name]) faults.push({ message: `The collection has no “${name}”.` });
  for (const name of ["self", "items", "total"])
    if (!shape?.required?.includes(name)) faults.push({ message: `“${name}” must always be there.` });
  for (const name of ["page", "pageSize"])
    if (!names.includes(name)) faults.push({ message: `The parameter “${name}” is missing.` });
  return faults;
}

function isBounded(operation) {
  const size = (operation.parameters ?? []).find((parameter) => parameter.name === "pageSize");
  if (!size) return undefined;
  const { minimum, maximum, default: usual } = size.schema;
  return minimum === 1 && maximum <= 1000 && usual <= maximum ? undefined : message("pageSize has no bounds or default.");
}

function hasErrors(operation) {
  const missing = ["400", "404", "405", "406", "429", "500", "503", "default"].filter((code) => !operation.responses?.[code]);
  return missing.map((code) => ({ message: `The answer ${code} is not described.` }));
}

function areProblems(responses) {
  const faults = [];
  for (const [code, answer] of Object.entries(responses)) {
    const kinds = Object.keys(answer.content ?? {});
    if ((code >= "400" || code === "default") && (kinds.length !== 1 || kinds[0] !== PROBLEM))
      faults.push({ message: `The answer ${code} is not a problem document.` });
    if (code < "400" && code !== "default" && kinds.includes(PROBLEM)) faults.push({ message: `The answer ${code} is no problem.` });
  }
  return faults;
}

function hasExamples(responses) {
  const faults = [];
  for (const [code, answer] of Object.entries(responses))
    for (const [kind, content] of Object.entries(answer.content ?? {}))
      if (kind !== "application/zip" && content.example === undefined && content.examples === undefined)
        faults.push({ message: `The answer ${code} has no example of ${kind}.` });
  return faults;
}

function isRepeated(parameter) {
  if (parameter.in !== "query" || parameter.schema?.type !== "array") return undefined;
  return (parameter.style ?? "form") === "form" && (parameter.explode ?? true)
    ? undefined
    : message(`“${parameter.name}” must be repeated for more values.`);
}

function isDeclared(tag, _options, context) {
  const known = (context.document.data.tags ?? []).map((entry) => entry.name);
  return known.includes(tag) ? undefined : message(`The tag “${tag}” is not declared.`);
}

function areProperties(shape) {
  const missing = (shape.required ?? []).filter((name) => shape.properties && !(name in shape.properties));
  return missing.map((name) => ({ message: `“${name}” is required and does not exist.` }));
}

function leadsSomewhere(link, _options, context) {
  const known = Object.values(context.document.data.paths).map((methods) => methods.get?.operationId);
  return known.includes(link.operationId) ? undefined : message(`No operation is called “${link.operationId}”.`);
}

const rule = (description, given, fn, functionOptions, field) => ({
  description,
  message: "{{error}} ({{description}})",
  severity: "error",
  given,
  then: { function: fn, ...(functionOptions && { functionOptions }), ...(field && { field }) },
});

export default {
  extends: [[oas, "all"]],
  rules: {
    // The police publishes no address for e-mail; the page to which the contact leads has the ways there are.
    "contact-properties": "off",
    // The parts stand in the order in which people look for them.
    "openapi-tags-alphabetical": "off",
    "oas-contra": rule("The description is in OpenAPI 3.0.", "$.openapi", pattern, { match: "^3\\.0\\.\\d+$" }),
    "api-version": rule("The version has a major and a minor number.", "$.info.version", pattern, { match: "^\\d+\\.\\d+(\\.\\d+)?$" }),
    "uri-format": rule("The major version is part of every address.", "$.paths[*]~", pattern, { match: "^/api/v\\d+(/|$)" }),
    "uri-notat": rule("Parts of addresses are in lowerCamelCase, without a slash at the end.", "$.paths[*]~", pattern, {
      match: "^(/([a-z][a-zA-Z0-9]*|\\{[a-z][a-zA-Z0-9]*\\})(\\.[a-z]+)?)+$",
    }),
    "uri-extens": rule("Only files have an extension.", "$.paths[*]~", pattern, { notMatch: "^(?!.*/exports/).*\\.[a-z]+$" }),
    "col-name": rule("Collections have plural names.", "$.paths[*]~", isPlural),
    "ctl-res": rule("Addresses name things, not actions.", "$.paths[*]~", hasNoVerb),
    "meth-http": rule("This API is only read.", "$.paths[*]", schema, {
      schema: { type: "object", propertyNames: { enum: ["get", "parameters", "summary", "description"] } },
    }),
    "jsn-naming": rule("Fields are in lowerCamelCase; linked data have names of their own.", "$.components.schemas[*].properties[*]~", pattern, {
      match: "^(OPS|CALOG|[a-z][a-zA-Z0-9]*)$",
    }),
    "jsn-null": rule("What is not known is absent, never null.", "$.components.schemas..nullable", schema, { schema: { enum: [false] } }),
    "rep-struct": rule("The top of an answer is an object.", `${OPERATION}.responses[*].content[application/json].schema.type`, pattern, { match: "^object$" }),
    "qry-names": rule("Parameters are in lowerCamelCase.", `${OPERATION}.parameters[?(@.in=='query')].name`, casing, { type: "camel" }),
    "qry-multi": rule("A parameter is repeated for more values.", `${OPERATION}.parameters[*]`, isRepeated),
    "col-repres": rule("A collection has items, a total and pages.", OPERATION, isCollection),
    "col-paging": rule("Pages have a size that is bounded.", OPERATION, isBounded),
    "err-problem": rule("Every error is a problem document (RFC 9457).", `${OPERATION}.responses`, areProblems),
    "prb-defaul": rule("Every operation names the errors it can give.", OPERATION, hasErrors),
    "openapi-opid": rule("An operation has a name in lowerCamelCase.", OPERATION, pattern, { match: "^[a-z][a-zA-Z0-9]*$" }, "operationId"),
    "oas-descr": rule("An operation has a summary.", OPERATION, truthy, undefined, "summary"),
    "oas-descr-long": rule("An operation has a description.", OPERATION, truthy, undefined, "description"),
    "oas-descr-parameter": rule("A parameter has a description.", `${OPERATION}.parameters[*]`, truthy, undefined, "description"),
    "oas-descr-schema": rule("A shape has a description.", "$.components.schemas[*]", truthy, undefined, "description"),
    "oas-descr-tag": rule("A tag has a description.", "$.tags[*]", truthy, undefined, "description"),
    "oas-tags": rule("An operation has one tag, which is declared.", `${OPERATION}.tags[*]`, isDeclared),
    "oas-tags-one": rule("An operation has one tag.", `${OPERATION}.tags`, length, { min: 1, max: 1 }),
    "oas-doc": rule("The description leads to more documentation.", "$", truthy, undefined, "externalDocs"),
    "oas-exampl": rule("Every answer has an example.", `${OPERATION}.responses`, hasExamples),
    "oas-comp": rule("Shapes are in UpperCamelCase.", "$.components.schemas[*]~", casing, { type: "pascal" }),
    "oas-types": rule("Names of shapes say what they are.", "$.components.schemas[*]~", pattern, { notMatch: "(Info|Information|Data|Enum)$" }),
    "prop-req": rule("What is required exists.", "$.components.schemas[*]", areProperties),
    "hdr-case": rule("Headers are in Upper-Kebab-Case.", `${OPERATION}.responses[*].headers[*]~`, pattern, {
      match: "^(ETag|API-Version|RateLimit(-Policy)?|[A-Z][a-z]+(-[A-Z][a-z]+)*)$",
    }),
    "hlth-res": rule("There is a health check.", "$.paths", truthy, undefined, "/api/v1/health"),
    "hyp-links": rule("A link leads to an operation.", `${OPERATION}.responses[*].links[*]`, leadsSomewhere),
    "lic-open": rule("The licence has an address.", "$.info.license", truthy, undefined, "url"),
    "contact-url": rule("There is somebody to turn to.", "$.info.contact", truthy, undefined, "url"),
  },
};

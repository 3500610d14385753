// Holds the schema against that of the last release: what breaks a client must be listed with its reason.
//
//   node compatibility.mjs              compares testdata/released.graphql with schema.graphql
//   node compatibility.mjs --self-test  proves that this finds what it must find
//
// testdata/breaking.json is { "<path of the change>": "<reason>" }. An entry that matches no change fails as well: it would
// let a later change of the same name through. Dangerous changes, such as a new value of an enum, are printed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema, Kind, parse, print, visit } from "graphql";

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

/** The problems with the step from one schema to the next, and what to know about it. */
async function compare(before, after, accepted) {
  const changes = await diff(buildSchema(before), buildSchema(after));
  const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  const dangerous = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Dangerous);
  const paths = new Set(breaking.map(({ path }) => path));
  return {
    problems: [
      ...breaking.filter(({ path }) => !Object.hasOwn(accepted, path)).map(({ path, message }) => `breaking: ${path}: ${message}`),
      ...Object.keys(accepted).filter((path) => !paths.has(path)).map((path) => `no such change: ${path} is listed as breaking`),
      ...Object.entries(accepted).filter(([, reason]) => !reason.trim()).map(([path]) => `no reason: ${path}`),
    ],
    notes: [
      ...breaking.filter(({ path }) => Object.hasOwn(accepted, path)).map(({ path, message }) => `accepted: ${path}: ${message} ${accepted[path]}`),
      ...dangerous.map(({ path, message }) => `dangerous: ${path}: ${message}`),
    ],
    count: changes.length,
  };
}

// A change of the real schema, and small ones: what the real one has may be gone some day.
async function selfTest(released) {
  const expect = async (before, after, accepted, problem) => {
    const { problems, notes } = await compare(before, after, accepted);
    if (problem) assert.match(problems.join("\n"), problem);
    else assert.deepEqual(problems, []);
    return notes.join("\n");
  };
  await expect(released, released, {}, undefined);
  await expect(released, withoutField(released, "Query", "node"), {}, /^breaking: Query.node: /);

  const before = "type Query { customer(id: ID): Customer } type Customer { name: String! state: State } enum State { OK }";
  const renamed = before.replace("name: String!", "legalName: String!");
  await expect(before, renamed, {}, /^breaking: Customer.name: /);
  assert.match(await expect(before, renamed, { "Customer.name": "Names are secret." }, undefined), /accepted: Customer.name: .* Names are secret./);
  await expect(before, renamed, { "Customer.name": " " }, /^no reason: Customer.name/);
  await expect(before, before, { "Customer.name": "Names are secret." }, /^no such change: Customer.name/);
  await expect(before, before.replace("String!", "String"), {}, /^breaking: Customer.name/);
  await expect(before, before.replace("id: ID", "id: ID!"), {}, /^breaking: Query.customer.id/);
  assert.match(await expect(before, before.replace("{ OK }", "{ OK PENDING }"), {}, undefined), /dangerous: State.PENDING/);
  console.log("compatibility: finds what it must find");
}

function withoutField(sdl, typeName, fieldName) {
  let removed = 0;
  const changed = visit(parse(sdl), {
    [Kind.OBJECT_TYPE_DEFINITION](type) {
      if (type.name.value !== typeName) return false;
      const fields = type.fields.filter((field) => field.name.value !== fieldName);
      removed += type.fields.length - fields.length;
      return { ...type, fields };
    },
  });
  assert.equal(removed, 1, `the schema has no ${typeName}.${fieldName}`);
  return print(changed);
}

const released = read("testdata/released.graphql");
if (process.argv.includes("--self-test")) {
  await selfTest(released);
} else {
  const { problems, notes, count } = await compare(released, read("schema.graphql"), JSON.parse(read("testdata/breaking.json")));
  for (const line of notes) console.log(line);
  for (const line of problems) console.error(line);
  console.log(`compatibility: ${count} changes since the release, ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

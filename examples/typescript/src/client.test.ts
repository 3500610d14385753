// What a healthy server does not show: how the client takes errors that pass.

import assert from "node:assert/strict";
import { test } from "node:test";

import { connect } from "./client.js";
import { overview } from "./customers.js";
import { AskError } from "./faults.js";
import { takeRole } from "./roles.js";

/** A server that gives these answers, one after the other, and counts. */
function server(...answers: (object | Error)[]) {
  let asked = 0;
  const fetch = async () => {
    const answer = answers[asked++];
    assert(answer, "one question too many");
    if (answer instanceof Error) throw answer;
    const status = "errors" in answer ? 503 : 200;
    return new Response(JSON.stringify(answer), { status, headers: { "Content-Type": "application/graphql-response+json" } });
  };
  return { client: connect({ base: "http://bank.example", token: "token", fetch }), asked: () => asked };
}

const failure = (code: string, extensions: object = {}) => ({
  errors: [{ message: `It is ${code}.`, extensions: { code, correlationId: "req_1", retryable: true, ...extensions } }],
});
const nobody = { data: { customerOverview: null } };

test("a query is asked again while the server says that this may help", async () => {
  const { client, asked } = server(failure("UPSTREAM_UNAVAILABLE"), new Error("connection refused"), nobody);
  assert.equal(await overview(client, "bank", "1"), undefined);
  assert.equal(asked(), 3);
});

test("a query is not asked forever", async () => {
  const { client, asked } = server(...Array(9).fill(failure("TIMEOUT")));
  await assert.rejects(overview(client, "bank", "1"), (error) => error instanceof AskError && error.attempts === 4);
  assert.equal(asked(), 4);
});

test("an error that stays is not asked about again, also one whose code is new", async () => {
  const { client, asked } = server(failure("FROM_THE_FUTURE", { retryable: false }));
  await assert.rejects(overview(client, "bank", "1"), /Ask for help. \(UNKNOWN: It is FROM_THE_FUTURE.\)/);
  assert.equal(asked(), 1);
});

test("a mutation that may have been done is not sent again", async () => {
  for (const answer of [failure("TIMEOUT"), new Error("connection lost")]) {
    const { client, asked } = server(answer);
    await assert.rejects(takeRole(client, "ent_1"), AskError);
    assert.equal(asked(), 1);
  }
});

test("whoever spent their budget waits as long as the server says, also with a mutation", async () => {
  const rejection = { __typename: "NotFoundRejection", code: "NOT_FOUND", message: "Gone.", correlationId: "req_2" };
  const { client, asked } = server(failure("RATE_LIMITED", { retryAfterMs: 400 }), { data: { deleteEntitlement: rejection } });
  const start = performance.now();
  assert.equal((await takeRole(client, "ent_1")).done, false);
  assert(performance.now() - start > 390);
  assert.equal(asked(), 2);
});

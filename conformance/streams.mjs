// Asks over the streaming transports, with the clients that people use for them.
//
//   node streams.mjs sse|websocket <base-url> <token>
//
// Exits with 1 when an answer, or a refusal, is not as the client expects it.

import assert from "node:assert/strict";
import { createClient as createEventClient } from "graphql-sse";
import { CloseCode, createClient as createSocketClient } from "graphql-ws";
import WebSocket from "ws";

const PATIENCE = 10_000; // Milliseconds; a client that waits forever has failed.
const VIEWER = { query: "{ viewer { user { username } } }" };

const [transport, base, token] = process.argv.slice(2);
const checks = { sse, websocket };
if (!checks[transport] || !base || !token) {
  console.error("usage: node streams.mjs sse|websocket <base-url> <token>");
  process.exit(2);
}
const timer = setTimeout(() => {
  console.error(`${transport}: no end after ${PATIENCE} ms`);
  process.exit(1);
}, PATIENCE);
await checks[transport]();
clearTimeout(timer);

/** All results of a request, once the server completed it; whatever the client takes for an end by error is thrown. */
function results(client, request) {
  const all = [];
  return new Promise((resolve, reject) =>
    client.subscribe(request, { next: (result) => all.push(result), error: reject, complete: () => resolve(all) }),
  );
}

// One request a connection: the other mode of graphql-sse keeps state between requests, and replicas share none.
async function sse() {
  const client = (headers) => createEventClient({ url: `${base}/graphql`, headers, retryAttempts: 0 });
  const known = client({ Authorization: `Bearer ${token}` });
  const [answer, ...more] = await results(known, VIEWER);
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  assert.equal(answer.data.viewer.user.username, "demo-admin");
  assert.equal(more.length, 0, "a query has one answer");

  const [wrong] = await results(known, { query: "{ noSuchField }" });
  assert.equal(wrong.errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");

  const [stranger] = await results(client({}), VIEWER);
  assert.equal(stranger.errors[0].extensions.code, "UNAUTHENTICATED");
  console.log("sse: a query is answered, and what is wrong with others is said");
}

// A query is refused: WebSockets are for subscriptions, and POST is for the rest.
async function websocket() {
  const client = (connectionParams) =>
    createSocketClient({ url: `${base.replace(/^http/, "ws")}/graphql`, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });

  const known = client({ Authorization: `Bearer ${token}` });
  const refusal = await results(known, VIEWER).then((all) => all[0]?.errors, (reason) => reason);
  assert(Array.isArray(refusal), `a sentence was expected, not ${describe(refusal)}`);
  assert.match(refusal[0].message, /\w+ \w+/);
  assert(refusal[0].extensions?.code, "the refusal has a code");
  await known.dispose();

  const stranger = client({ Authorization: "Bearer nonsense" });
  const closed = await results(stranger, VIEWER).then((all) => all, (reason) => reason);
  assert.equal(closed?.code, CloseCode.Forbidden, `the connection should be closed as forbidden, not: ${describe(closed)}`);
  assert(closed.reason, "the close has a sentence");
  await stranger.dispose();
  console.log(`websocket: a query is refused ("${refusal[0].message}"), and so is a token that does not hold ("${closed.reason}")`);
}

function describe(outcome) {
  return outcome?.code ? `${outcome.code} ${outcome.reason}` : outcome?.message ?? JSON.stringify(outcome);
}

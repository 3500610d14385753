// Follows challenges over the streaming transports, with the clients that people use for them, through connections that break.
//
//   node events.mjs sse|websocket <base-url> <token of demo-owner> <of demo-approver> <of demo-stranger>
//
// Exits with 1 when an event is lost, comes to somebody else or in another order, or when a refusal is not as the client expects it.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { connect, createServer } from "node:net";
import { createClient as createEventClient } from "graphql-sse";
import { CloseCode, createClient as createSocketClient } from "graphql-ws";
import WebSocket from "ws";

const PATIENCE = 30_000; // Milliseconds; a client that waits forever has failed.
const PAUSE = 50; // Milliseconds between two tries to connect again.

// From the savings account of demo-owner, for which two are asked, to their current account.
const HERE = { bankId: "gh.29.uk", accountId: "acc_BZTWzZqoH641XdvQaqjQT" };
const THERE = { bankId: "gh.29.uk", accountId: "acc_BZRdBejV5d2RDfn9zbHGi" };
const THRESHOLD = "1000.00";

const FOLLOW = `subscription Follow($after: Cursor) {
  challengeEvents(after: $after) {
    type cursor challengeId
    challenge { id value { amount currency } transactionRequest { id } }
  }
}`;

const [transport, base, owner, approver, stranger] = process.argv.slice(2);
const ways = { sse, websocket };
if (!ways[transport] || !stranger) {
  console.error("usage: node events.mjs sse|websocket <base-url> <token of demo-owner> <of demo-approver> <of demo-stranger>");
  process.exit(2);
}
const timer = setTimeout(() => {
  console.error(`${transport}: no end after ${PATIENCE} ms`);
  process.exit(1);
}, PATIENCE);
const line = await openLine();
await ways[transport]();
line.cut();
line.server.close();
clearTimeout(timer);

/** A way to the server that can be cut, as a tunnel cuts that of a train. */
async function openLine() {
  const { hostname, port } = new URL(base);
  const sockets = new Set();
  const line = { isCut: false, tries: 0 };
  line.server = createServer((near) => {
    line.tries++;
    if (line.isCut) return near.destroy();
    const far = connect(port, hostname);
    for (const [socket, other] of [[near, far], [far, near]]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket) && other.destroy()).pipe(other);
    }
  });
  line.cut = () => {
    line.isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  await new Promise((resolve) => line.server.listen(0, "127.0.0.1", resolve));
  line.url = `http://127.0.0.1:${line.server.address().port}/graphql`;
  return line;
}

/** Asks beside all lines, and answers with the data. */
async function ask(token, query, variables) {
  const response = await fetch(`${base}/graphql`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

async function headOf(token) {
  return (await ask(token, "{ eventHeads { challenges } }")).eventHeads.challenges;
}

/** A mutation, which must succeed. */
async function change(token, name, input) {
  const type = `${name[0].toUpperCase()}${name.slice(1)}`;
  const of = name === "createTransactionRequest" ? "id" : "__typename";
  const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on ${type}Success { ${of} } ... on Rejection { message } } }`;
  const outcome = (await ask(token, query, { input }))[name];
  assert.equal(outcome.__typename, `${type}Success`, outcome.message);
  return outcome;
}

async function pay() {
  const terms = { payee: { account: THERE }, value: { amount: THRESHOLD, currency: "EUR" }, description: "A test" };
  return (await change(owner, "createTransactionRequest", { ...HERE, ...terms, idempotencyKey: randomUUID() })).id;
}

/**
 * What somebody is told, by a client that comes back whenever its connection breaks. Both clients send the request as it is by
 * then, so that whoever notes the last cursor in it goes on where they were.
 */
function follow(client, after) {
  const followed = { events: [], refusal: undefined };
  const request = { query: FOLLOW, variables: { after } };
  let look = () => {};
  followed.stop = client.subscribe(request, {
    next({ data, errors }) {
      if (errors) followed.refusal ??= errors;
      const event = data?.challengeEvents;
      if (!event) return look();
      request.variables.after = event.cursor;
      if (event.type !== "HEARTBEAT") followed.events.push(event);
      look();
    },
    error: (reason) => look((followed.refusal ??= reason)),
    complete: () => look(),
  });
  const until = (isThere) =>
    new Promise((resolve) => {
      look = () => isThere() && resolve(followed);
      look();
    });
  followed.has = (count) =>
    until(() => {
      assert.equal(followed.refusal, undefined, describe(followed.refusal));
      return followed.events.length >= count;
    });
  followed.refused = async () => (await until(() => followed.refusal)).refusal;
  return followed;
}

function told({ events }) {
  return events.map(({ type, challenge }) => [type, challenge.transactionRequest.id]);
}

/** The story that both transports must tell. It gives the events, so that a transport can try what it alone has. */
async function story(clientOf) {
  const tokens = [owner, approver, stranger];
  const heads = await Promise.all(tokens.map(headOf));
  const clients = tokens.map(clientOf);
  const [mine, theirs, nobodys] = clients.map((client, index) => follow(client, heads[index]));

  const first = await pay();
  await Promise.all([mine.has(1), theirs.has(1)]);
  for (const { events: [{ challenge, challengeId, cursor }] } of [mine, theirs]) {
    assert.deepEqual([challenge.id, challenge.value], [challengeId, { amount: THRESHOLD, currency: "EUR" }]);
    assert(cursor);
  }

  line.cut();
  const [second, third] = [await pay(), await pay()];
  const { viewer } = await ask(approver, "{ viewer { challenges(filter: { status: [OPEN] }) { nodes { id transactionRequest { id } } } } }");
  const { id } = viewer.challenges.nodes.find(({ transactionRequest }) => transactionRequest.id === second);
  await change(approver, "answerTransactionRequestChallenge", { ...HERE, transactionRequestId: second, challengeId: id, answer: "123", idempotencyKey: id });
  assert.deepEqual([mine.events.length, theirs.events.length], [1, 1], "nothing comes through a line that is cut");
  line.isCut = false;
  await Promise.all([mine.has(3), theirs.has(4)]);

  for (const transactionRequestId of [first, second, third]) await change(owner, "cancelTransactionRequest", { ...HERE, transactionRequestId });
  await Promise.all([mine.has(6), theirs.has(6)]);
  const created = [first, second, third].map((request) => ["CREATED", request]);
  assert.deepEqual(told(mine), [...created, ["CANCELLED", first], ["CANCELLED", second], ["CANCELLED", third]]);
  assert.deepEqual(told(theirs), [...created, ["ANSWERED", second], ["CANCELLED", first], ["CANCELLED", third]]);
  const idsOf = ({ events }) => new Set(events.map(({ challengeId }) => challengeId));
  assert.equal(new Set([...idsOf(mine), ...idsOf(theirs)]).size, 6, "each has the challenges of their own");
  assert.deepEqual([nobodys.events, await headOf(stranger)], [[], heads[2]], "a stranger is told nothing, and there is nothing to tell");

  for (const followed of [mine, theirs, nobodys]) followed.stop();
  for (const [index, { cursor }] of mine.events.slice(0, -1).entries()) {
    const rest = await follow(clients[0], cursor).has(mine.events.length - 1 - index);
    rest.stop();
    assert.deepEqual(rest.events, mine.events.slice(index + 1), "what follows a cursor is the same each time");
  }
  const crossed = await follow(clients[2], mine.events[0].cursor).refused();
  assert.equal(crossed[0]?.extensions.code, "BAD_USER_INPUT", `somebody else's cursor: ${describe(crossed)}`);
  for (const client of clients) client.dispose();
  console.log(`${transport}: ${mine.events.length + theirs.events.length} events of two people, in order, over lines that were cut (${line.tries} connections)`);
  return mine.events;
}

// One stream a connection: the other mode of graphql-sse keeps state between requests, and replicas share none.
async function sse() {
  const options = (token) => ({ url: line.url, headers: { Authorization: `Bearer ${token}` } });
  const events = await story((token) => createEventClient({ ...options(token), retryAttempts: 1000, retry: pause }));

  // A browser's own reader notes the identifiers of events, and sends the last one when it comes back.
  for (const [index, { cursor }] of events.slice(0, -1).entries()) {
    const rest = await plainEvents(cursor, events.length - 1 - index);
    assert.deepEqual(rest.map(({ id }) => id), events.slice(index + 1).map((event) => event.cursor));
    assert.deepEqual(rest.map(({ event }) => event), events.slice(index + 1).map(({ challengeId }) => challengeId));
  }
  const { response } = await follow(createEventClient({ ...options("nonsense"), retryAttempts: 0 }), null).refused();
  assert.equal(response.status, 401);
  const { errors: [refusal] } = await response.json();
  assert.equal(refusal.extensions.code, "UNAUTHENTICATED");
  console.log(`sse: Last-Event-ID goes on after each event, and a token that does not hold is refused ("${refusal.message}")`);
}

/** So many events after one, without a client. */
async function plainEvents(last, count) {
  const controller = new AbortController();
  const response = await fetch(line.url, {
    method: "POST",
    signal: controller.signal,
    headers: { Authorization: `Bearer ${owner}`, "Content-Type": "application/json", Accept: "text/event-stream", "Last-Event-ID": last },
    body: JSON.stringify({ query: "subscription { challengeEvents { type challengeId } }" }),
  });
  assert.equal(response.status, 200);
  const found = [];
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const messages = (text += chunk).split("\n\n");
    text = messages.pop();
    for (const [, id, data] of messages.map((message) => /^id: (.*)\nevent: next\ndata: (.*)$/.exec(message)).filter(Boolean)) {
      const { type, challengeId } = JSON.parse(data).data.challengeEvents;
      if (type !== "HEARTBEAT") found.push({ id, event: challengeId });
    }
    if (found.length >= count) break;
  }
  controller.abort();
  return found;
}

async function websocket() {
  const options = (token) => ({ url: line.url.replace(/^http/, "ws"), webSocketImpl: WebSocket, connectionParams: { Authorization: `Bearer ${token}` } });
  // Of itself the client gives up at an error without a close code, which is what a line that is dead makes.
  await story((token) => createSocketClient({ ...options(token), retryAttempts: 1000, retryWait: pause, shouldRetry: () => true }));

  const twice = createSocketClient({ ...options(owner), retryAttempts: 0, generateID: () => "the same", lazyCloseTimeout: 1000 });
  const refusals = await Promise.all([follow(twice, null), follow(twice, null)].map((followed) => followed.refused()));
  for (const refusal of refusals) assert.equal(refusal.code, CloseCode.SubscriberAlreadyExists, describe(refusal));

  const closed = await follow(createSocketClient({ ...options("nonsense"), retryAttempts: 0 }), null).refused();
  assert.equal(closed.code, CloseCode.Forbidden, describe(closed));
  console.log(`websocket: an identifier that is taken is refused ("${refusals[0].reason}"), and so is a token that does not hold ("${closed.reason}")`);
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, PAUSE));
}

function describe(outcome) {
  return outcome?.code ? `${outcome.code} ${outcome.reason}` : outcome?.message ?? JSON.stringify(outcome);
}

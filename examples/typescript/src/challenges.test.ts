// What a healthy server does not show: a socket that breaks, and an end that has to be got over.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import WebSocket, { WebSocketServer } from "ws";

import { type ChallengeEvent, followChallenges, type OpenChallenge } from "./challenges.js";
import { connect } from "./client.js";
import { AskError } from "./faults.js";

/** What the server answers to a subscription: events, and then that its socket breaks, or errors with which it ends. */
type Part = { events?: string[]; break?: true; errors?: { code: string; retryable: boolean }[] };

/** A server that answers subscriptions by these parts, one after the other, and notes after which cursor each was to go on. */
async function server(...parts: Part[]) {
  const asked: unknown[] = [];
  let snapshots = 0;
  const http = createServer((_, response) => {
    const data = { eventHeads: { challenges: `head-${++snapshots}` }, viewer: { challenges: { nodes: [] } } };
    response.setHeader("Content-Type", "application/graphql-response+json").end(JSON.stringify({ data }));
  });
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket) => {
    const say = (message: object) => socket.send(JSON.stringify(message));
    socket.on("message", (text) => {
      const { type, id, payload } = JSON.parse(String(text));
      if (type === "connection_init") say({ type: "connection_ack" });
      if (type !== "subscribe") return;
      asked.push(payload.variables.after);
      const part = parts.shift() ?? {};
      for (const cursor of part.events ?? []) {
        const challengeEvents = { cursor, type: cursor.startsWith("beat") ? "HEARTBEAT" : "CREATED", challengeId: null, challenge: null };
        say({ type: "next", id, payload: { data: { challengeEvents } } });
      }
      if (part.errors) say({ type: "next", id, payload: { errors: part.errors.map((extensions) => ({ message: "It ends.", extensions })) } });
      if (part.errors) say({ type: "complete", id });
      if (part.break) socket.close(1012, "The server stops."); // what was said before still arrives
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const close = () => {
    for (const socket of sockets.clients) socket.terminate();
    http.close();
  };
  return { asked, close, client: connect({ base, token: "token", webSocket: WebSocket }), snapshots: () => snapshots };
}

/** Follows until so many events were shown. */
async function shown(client: Parameters<typeof followChallenges>[0], count: number): Promise<string[]> {
  const end = new AbortController();
  const cursors: string[] = [];
  const view = {
    open: (_: OpenChallenge[]) => {},
    event: ({ cursor }: ChallengeEvent) => {
      if (cursors.push(cursor) === count) end.abort();
    },
  };
  await followChallenges(client, view, end.signal);
  return cursors;
}

test("a subscription whose socket breaks goes on after the last event, heartbeats included, and shows each once", async (t) => {
  const { client, asked, close, snapshots } = await server(
    { events: ["one", "two"], break: true },
    { events: ["beat-3"], break: true },
    { events: ["four"] },
  );
  t.after(close);
  assert.deepEqual(await shown(client, 3), ["one", "two", "four"]);
  assert.deepEqual(asked, ["head-1", "two", "beat-3"]);
  assert.equal(snapshots(), 1);
});

test("when what happened is kept no longer, all is read anew, and followed from there", async (t) => {
  const expired = { code: "CURSOR_EXPIRED", retryable: false };
  const { client, asked, close } = await server({ events: ["one"], errors: [expired] }, { events: ["two"] });
  t.after(close);
  assert.deepEqual(await shown(client, 2), ["one", "two"]);
  assert.deepEqual(asked, ["head-1", "head-2"]);
});

test("an end that stays is told, and not tried again", async (t) => {
  const { client, asked, close } = await server({ errors: [{ code: "FORBIDDEN", retryable: false }] });
  t.after(close);
  await assert.rejects(shown(client, 1), (error) => error instanceof AskError && error.faults[0]?.code === "FORBIDDEN");
  assert.equal(asked.length, 1);
});

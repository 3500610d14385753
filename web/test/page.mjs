// Follows challenges with urql in a real browser: the page of examples/typescript, from a site of its own.
//
//   npm run bundle (in examples/typescript)
//   node page.mjs <base-url> <port> <token of demo-owner>
//
// The site listens at this port of 127.0.0.1, and the server must allow it:
// --allow-origin http://127.0.0.1:<port>. Exits with 1 and the list of problems.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

import { open, openPage, watch } from "./browser.mjs";

const FILES = { "/page/": ["page/index.html", "text/html"], "/dist/page.js": ["dist/page.js", "text/javascript"] };

function serve(port) {
  const server = createServer(async (request, response) => {
    const [path, type] = FILES[request.url] ?? [];
    if (!path) return response.writeHead(404).end();
    response.setHeader("Content-Type", type).end(await readFile(new URL(`../../examples/typescript/${path}`, import.meta.url)));
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

async function ask(base, token, query, variables) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const response = await fetch(`${base}/graphql`, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

const HERE = { bankId: "gh.29.uk", accountId: "acc_BZTWzZqoH641XdvQaqjQT" };

// Pays beside the page, as from a phone.
async function pay(base, token, description) {
  const there = { bankId: "gh.29.uk", accountId: "acc_BZRdBejV5d2RDfn9zbHGi" };
  const input = { ...HERE, payee: { account: there }, value: { amount: "1000.00", currency: "EUR" }, description, idempotencyKey: randomUUID() };
  const { createTransactionRequest: paid } = await ask(
    base,
    token,
    `mutation ($input: CreateTransactionRequestInput!) {
      createTransactionRequest(input: $input) { ... on CreateTransactionRequestSuccess { id } ... on Rejection { message } }
    }`,
    { input },
  );
  assert.ok(paid.id, paid.message);
}

// The money that waits, given back: what is tried here can be tried again.
async function cancelAll(base, token) {
  const { viewer } = await ask(base, token, "{ viewer { challenges(filter: { status: [OPEN] }) { nodes { transactionRequest { id } } } } }");
  const ids = viewer.challenges.nodes.map(({ transactionRequest }) => transactionRequest.id);
  for (const id of ids) {
    await ask(
      base,
      token,
      "mutation ($input: CancelTransactionRequestInput!) { cancelTransactionRequest(input: $input) { ... on Rejection { message } } }",
      { input: { ...HERE, transactionRequestId: id } },
    );
  }
}

async function usePage(page, base, token) {
  const sockets = [];
  page.on("websocket", (socket) => sockets.push(socket));
  const challenge = (sentence) => page.locator("#challenges li", { hasText: sentence }).waitFor();

  await page.locator("[name=base]").fill(base);
  await page.locator("[name=token]").fill(token);
  await page.getByRole("button", { name: "Follow" }).click();
  await page.getByText(/^Open: 0$/).waitFor();

  await page.locator("#pay").click();
  await page.getByText("Paid: INITIATED").waitFor();
  await challenge("CREATED 1000.00 EUR From the page");
  assert.equal(sockets.length, 1);

  // While it is offline two things happen. It hears of both when it comes back, by another socket.
  const closed = sockets[0].waitForEvent("close");
  await page.context().setOffline(true);
  await closed;
  await pay(base, token, "From the phone");
  await pay(base, token, "From the phone again");
  assert.equal(await page.locator("#challenges li").count(), 1, "nothing comes to who is offline");
  await page.context().setOffline(false);
  await challenge("CREATED 1000.00 EUR From the phone again");
  assert.deepEqual(
    await page.locator("#challenges li").allInnerTexts(),
    ["From the page", "From the phone", "From the phone again"].map((description) => `CREATED 1000.00 EUR ${description}`),
  );
  assert.equal(sockets.length, 2);

  await cancelAll(base, token);
  await page.locator("#challenges li", { hasText: "CANCELLED" }).nth(2).waitFor();
  assert.equal(await page.locator("#challenges li").count(), 3);
}

async function main([base, port, token]) {
  assert.ok(base && port && token, "usage: node page.mjs <base-url> <port> <token of demo-owner>");
  await cancelAll(base, token);
  const site = await serve(port);
  const browser = await open();
  try {
    const page = await openPage(browser);
    const origin = `http://127.0.0.1:${port}`;
    const problems = watch(page, [], origin, base);
    await page.goto(`${origin}/page/`);
    // A failed step is often the effect of a problem, so both are reported.
    await usePage(page, base, token).catch((error) => problems.push(error.message));
    assert.ok(problems.length === 0, problems.join("\n"));
    console.log("page: a challenge comes to urql as it is made, and those of the time offline come after it");
  } finally {
    await browser.close();
    site.close();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

// Opens the playground in a real browser and uses it as a reader would.
//
//   npm ci
//   node playground.mjs <base-url> <screenshot.png>
//
// The server must run with demo users and example tabs; the first tab's request
// must succeed for its user. CHROMIUM names the browser, if it is not
// /usr/bin/chromium. Exits with 1 and the list of problems when there are any.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const PATIENCE = 15_000; // Milliseconds; the slowest step is the first paint on a busy machine.

// Chromium would otherwise make requests of its own while the page is watched.
const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// Everything that must not happen while the page is open. A page can look right
// and still have asked a stranger for a font, so each is collected and the test
// fails at the end even if every step passed.
function watch(page, origin) {
  const problems = [];
  const foreign = (url) => /^(http|ws)s?:/.test(url) && new URL(url).host !== new URL(origin).host;
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console error: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) =>
    problems.push(`request failed: ${request.url()}: ${request.failure()?.errorText}`),
  );
  page.on("request", (request) => {
    if (foreign(request.url())) problems.push(`request to another origin: ${request.url()}`);
  });
  page.on("websocket", (socket) => {
    if (foreign(socket.url())) problems.push(`socket to another origin: ${socket.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`status ${response.status()}: ${response.url()}`);
  });
  return problems;
}

// Reports what the Content-Security-Policy blocked, through the console, where
// watch sees it. Chromium prints most of these by itself, but not all.
async function reportViolations(page) {
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`blocked by ${event.violatedDirective}: ${event.blockedURI}`);
    });
  });
}

// The text of the editor shown in the part of the page that selector names.
// CodeMirror draws only the lines in view, so its object is asked instead.
function editorText(page, selector) {
  return page
    .locator(`${selector} :not(.hidden) > .CodeMirror`)
    .evaluate((editor) => editor.CodeMirror.getValue());
}

const query = (page) => editorText(page, ".graphiql-query-editor");
const result = (page) => editorText(page, ".graphiql-response");

async function secondary(page, name) {
  await page.locator(`.graphiql-editor-tools [data-name=${name}]`).click();
  return editorText(page, ".graphiql-editor-tool");
}

// Presses the execute button and returns the answer that GraphiQL shows.
async function execute(page, endpoint) {
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === endpoint);
  await page.locator(".graphiql-execute-button").click();
  await answered;
  // GraphiQL empties the result when it sends, so any text is the new answer.
  await page.waitForFunction(() => {
    const editor = document.querySelector(".graphiql-response .CodeMirror");
    return editor.CodeMirror.getValue().trim() !== "";
  });
  return JSON.parse(await result(page));
}

async function checkTabs(page, session) {
  const labels = await page.locator(".graphiql-tab-button").allInnerTexts();
  assert.deepEqual(labels, session.tabs.map((tab) => tab.title), "the example tabs carry their titles");
  for (const [index, tab] of session.tabs.entries()) {
    await page.locator(`#graphiql-session-tab-${index}`).click();
    assert.equal(await query(page), tab.query, `query of "${tab.title}"`);
    assert.equal(await secondary(page, "variables"), tab.variables, `variables of "${tab.title}"`);
    const headers = JSON.parse((await secondary(page, "headers")) || "{}");
    // The token itself differs: each page load is given fresh ones.
    assert.equal("Authorization" in headers, tab.user !== "", `Authorization header of "${tab.title}"`);
    if (tab.user !== "") assert.match(headers.Authorization, /^Bearer \S+$/);
    const expected = tab.user === "" ? "Nobody" : tab.user;
    assert.equal(await page.locator("#user-select").inputValue(), expected, `user of "${tab.title}"`);
  }
  await page.locator("#graphiql-session-tab-0").click();
  await secondary(page, "variables");
}

async function checkSchema(page) {
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  const explorer = page.locator(".graphiql-doc-explorer");
  await explorer.locator(".graphiql-doc-explorer-content").getByText("query", { exact: false }).first().waitFor();
  assert.equal(await explorer.locator(".graphiql-doc-explorer-error").count(), 0, "the schema was read");
  assert.ok((await explorer.locator(".graphiql-doc-explorer-type-name").count()) > 0, "the docs name the root types");
  await page.getByRole("button", { name: "Hide Documentation Explorer" }).click();
}

// The dialog adds a style element to the page, which the policy must allow.
async function checkDialog(page) {
  await page.getByRole("button", { name: "Open settings dialog" }).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

async function checkUserSwitch(page, session, endpoint, first) {
  const [{ user }] = session.tabs;
  // The last user is the one who may the least, so that the answer must change.
  const other = session.users.findLast(({ name }) => name !== user);
  assert.ok(other, "there is a second demo user");

  const before = JSON.parse(await secondary(page, "headers"));
  await page.locator("#user-select").selectOption(other.name);
  const after = JSON.parse(await secondary(page, "headers"));
  assert.notEqual(after.Authorization, before.Authorization, "the select changes the Authorization header");
  const refused = await execute(page, endpoint);
  assert.notDeepEqual(refused, first, `the answer to ${other.name} differs from the answer to ${user}`);

  await page.locator("#user-select").selectOption(user);
  await secondary(page, "variables");
  // Of what it costs the user has less left than before.
  assert.deepEqual((await execute(page, endpoint)).data, first.data, "the first user's answer comes back");
}

// Pays above the threshold as one user, and approves it as all who are asked, as the three last tabs show it.
async function checkApproval(page, session, endpoint) {
  const open = async (title, user) => {
    await page.locator(`#graphiql-session-tab-${session.tabs.findIndex((tab) => tab.title === title)}`).click();
    if (user) await page.locator("#user-select").selectOption(user);
    return secondary(page, "variables");
  };
  await open("Pay");
  const paid = (await execute(page, endpoint)).data.createTransactionRequest;
  assert.equal(paid.status, "INITIATED", "what is paid above the threshold waits");
  let last;
  for (const user of ["demo-approver", "demo-owner"]) {
    await open("Waiting", user);
    const waiting = (await execute(page, endpoint)).data.viewer.challenges.nodes;
    assert.deepEqual(waiting.map((challenge) => challenge.transactionRequest.id), [paid.id], `what waits for ${user}`);
    const { input } = JSON.parse(await open("Approve", user));
    const answer = { ...input, transactionRequestId: paid.id, challengeId: waiting[0].id };
    await page
      .locator(".graphiql-editor-tool :not(.hidden) > .CodeMirror")
      .evaluate((editor, text) => editor.CodeMirror.setValue(text), JSON.stringify({ input: answer }));
    last = (await execute(page, endpoint)).data.answerTransactionRequestChallenge;
    assert.ok(last.status, `${user} approves: ${JSON.stringify(last)}`);
  }
  assert.equal(last.status, "COMPLETED", "after the last answer it is paid");
  await page.locator("#graphiql-session-tab-0").click();
  await secondary(page, "variables");
}

// Leaves nothing hovered or focused, so that the picture is the same each time.
async function takePicture(page, path) {
  await page.mouse.move(720, 5);
  await page.evaluate(async () => {
    document.activeElement?.blur();
    await document.fonts.ready;
  });
  await page.waitForTimeout(500); // The tooltip's fade has no event to wait for.
  await page.screenshot({ path });
}

// All steps, in the order of a first visit.
async function usePlayground(page, origin, session, picture) {
  const endpoint = new URL(session.endpoint, origin).pathname;
  await page.goto(origin);
  await page.locator(".graphiql-execute-button").waitFor();

  await checkTabs(page, session);
  await checkSchema(page);
  await checkDialog(page);
  const answer = await execute(page, endpoint);
  assert.ok(answer.data, `the first example answers with data: ${JSON.stringify(answer)}`);
  assert.equal(answer.errors, undefined, `the first example has no errors: ${JSON.stringify(answer)}`);
  await checkUserSwitch(page, session, endpoint, answer);
  await checkApproval(page, session, endpoint);
  await takePicture(page, picture);
  assert.equal(await page.evaluate(() => localStorage.length), 0, "no token or tab is stored");
}

async function main([base, picture]) {
  assert.ok(base && picture, "usage: node playground.mjs <base-url> <screenshot.png>");
  const { origin } = new URL(base);
  const session = await (await fetch(new URL("/playground/session.json", origin))).json();
  assert.ok(session.users.length > 0 && session.tabs.length > 0, "the server offers users and tabs");

  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    chromiumSandbox: false, // Chromium refuses its sandbox to root, as in most containers.
    args: QUIET,
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
    page.setDefaultTimeout(PATIENCE);
    await reportViolations(page);
    const problems = watch(page, origin);
    // A failed step is often the effect of a problem, so both are reported.
    await usePlayground(page, origin, session, picture).catch((error) => problems.push(error.message));
    assert.ok(problems.length === 0, problems.join("\n"));
    console.log(`playground: ${session.tabs.length} tabs, ${session.users.length} users, picture in ${picture}`);
  } finally {
    await browser.close();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

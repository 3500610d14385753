// Opens the playground in a real browser and uses it as a reader would.
//
//   npm ci
//   node playground.mjs <base-url> <screenshot.png> <screenshot-of-following.png>
//
// The server must run with demo users and example tabs; the first tab's request
// must succeed for its user. CHROMIUM names the browser, if it is not
// /usr/bin/chromium. Exits with 1 and the list of problems when there are any.

import assert from "node:assert/strict";
import { open, openPage, watch } from "./browser.mjs";

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

// Opens the playground once more, and follows there what its user is asked to approve. `told` waits for one thing.
async function followInAnotherWindow(browser, origin, session, problems) {
  const page = await openPage(browser);
  watch(page, problems, origin);
  await page.goto(origin);
  await page.locator(".graphiql-execute-button").waitFor();
  const index = session.tabs.findIndex(({ title }) => title === "Follow");
  await page.locator(`#graphiql-session-tab-${index}`).click();
  const { token } = session.users.find(({ name }) => name === session.tabs[index].user);
  const heads = await fetch(new URL(session.endpoint, origin), {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ query: "{ eventHeads { challenges } }" }),
  });
  // Without a cursor it begins when the server is ready, which nothing on the page shows.
  await setVariables(page, { after: (await heads.json()).data.eventHeads.challenges });
  const opened = page.waitForEvent("websocket");
  await page.locator(".graphiql-execute-button").click();
  const socket = await opened;
  await setVariables(page, {}); // for the picture
  const told = async (type, requestId) => {
    const shown = (await page.waitForFunction((wanted) => {
      const answer = JSON.parse(document.querySelector(".graphiql-response .CodeMirror").CodeMirror.getValue() || "{}");
      if (answer.errors) return answer;
      return answer.data?.challengeEvents.type === wanted && answer;
    }, type)).jsonValue();
    const { data, errors } = await shown;
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.equal(data.challengeEvents.challenge.transactionRequest.id, requestId, `${type} is told of what was paid`);
  };
  const stop = async () => {
    const closed = socket.waitForEvent("close");
    await page.locator(".graphiql-execute-button").click();
    await closed;
    await page.close();
  };
  return { page, told, stop };
}

async function setVariables(page, variables) {
  await secondary(page, "variables");
  await page
    .locator(".graphiql-editor-tool :not(.hidden) > .CodeMirror")
    .evaluate((editor, text) => editor.CodeMirror.setValue(text), JSON.stringify(variables));
}

// Pays above the threshold as one user, and approves it as all who are asked, as three tabs show it. Who follows in
// another window hears of it.
async function checkApproval(page, session, endpoint, following) {
  const open = async (title, user) => {
    await page.locator(`#graphiql-session-tab-${session.tabs.findIndex((tab) => tab.title === title)}`).click();
    if (user) await page.locator("#user-select").selectOption(user);
    return secondary(page, "variables");
  };
  await open("Pay");
  const paid = (await execute(page, endpoint)).data.createTransactionRequest;
  assert.equal(paid.status, "INITIATED", "what is paid above the threshold waits");
  await following.told("CREATED", paid.id);
  await takePicture(following.page, following.picture);
  let last;
  for (const user of ["demo-approver", "demo-owner"]) {
    await open("Waiting", user);
    const waiting = (await execute(page, endpoint)).data.viewer.challenges.nodes;
    assert.deepEqual(waiting.map((challenge) => challenge.transactionRequest.id), [paid.id], `what waits for ${user}`);
    const { input } = JSON.parse(await open("Approve", user));
    await setVariables(page, { input: { ...input, transactionRequestId: paid.id, challengeId: waiting[0].id } });
    last = (await execute(page, endpoint)).data.answerTransactionRequestChallenge;
    assert.ok(last.status, `${user} approves: ${JSON.stringify(last)}`);
    if (user === "demo-approver") await following.told("ANSWERED", paid.id);
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
async function usePlayground(page, origin, session, pictures, problems) {
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
  const following = await followInAnotherWindow(page.context().browser(), origin, session, problems);
  await checkApproval(page, session, endpoint, { ...following, picture: pictures[1] });
  await following.stop();
  await takePicture(page, pictures[0]);
  assert.equal(await page.evaluate(() => localStorage.length), 0, "no token or tab is stored");
}

async function main([base, ...pictures]) {
  assert.ok(base && pictures.length === 2, "usage: node playground.mjs <base-url> <screenshot.png> <screenshot-of-following.png>");
  const { origin } = new URL(base);
  const session = await (await fetch(new URL("/playground/session.json", origin))).json();
  assert.ok(session.users.length > 0 && session.tabs.length > 0, "the server offers users and tabs");

  const browser = await open();
  try {
    const page = await openPage(browser);
    const problems = watch(page, [], origin);
    // A failed step is often the effect of a problem, so both are reported.
    await usePlayground(page, origin, session, pictures, problems).catch((error) => problems.push(error.message));
    assert.ok(problems.length === 0, problems.join("\n"));
    console.log(`playground: ${session.tabs.length} tabs, ${session.users.length} users, pictures in ${pictures.join(" and ")}`);
  } finally {
    await browser.close();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

// What the tests in a browser have in common. CHROMIUM names the browser, if it is not /usr/bin/chromium.

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
export function watch(page, problems, ...origins) {
  const foreign = (url) => /^(http|ws)s?:/.test(url) && !origins.some((origin) => new URL(url).host === new URL(origin).host);
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

// A browser, which is to be closed.
export function open() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    chromiumSandbox: false, // Chromium refuses its sandbox to root, as in most containers.
    args: QUIET,
  });
}

// A page in a window of its own: one in the background of a window is painted once in a while, and waits for that.
export async function openPage(browser) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  page.setDefaultTimeout(PATIENCE);
  await reportViolations(page);
  return page;
}

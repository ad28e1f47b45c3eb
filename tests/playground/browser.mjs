// Chromium, and the page in it.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , scenario, page, argument] = process.argv;

/** What the test was started with: the scenario, the page, and a folder or a file. */
export const given = { scenario, page, argument };

const require = createRequire(join(dirname(page), "../build/package.json"));
export const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function chromium() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return require("playwright-core").chromium.launch({ executablePath, args: ARGS });
}

/** Opens the page in a browser of its own, offline. It fails when anything is asked of a network, or thrown. */
export async function open(browser, { fragment = "", viewport = { width: 1280, height: 860 }, dark = false } = {}) {
  const options = { viewport, colorScheme: dark ? "dark" : "light", acceptDownloads: true };
  const context = await browser.newContext(options);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const opened = await context.newPage();
  const faults = [];
  opened.on("pageerror", (error) => faults.push(`thrown: ${error.message}`));
  opened.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()}`));
  opened.on("request", (request) => /^(file|blob|data):/.test(request.url()) || faults.push(request.url()));
  opened.faults = faults;
  await opened.goto(pathToFileURL(page).href + fragment);
  await opened.waitForSelector("html[data-ready]", { timeout: 120_000 });
  await idle(opened);
  return opened;
}

/** Waits until everything that was asked for is shown. */
export async function idle(opened) {
  const isIdle = () =>
    document.getElementById("results-pane").ariaBusy === "false" &&
    [...document.querySelectorAll("#rows .row")].every((row) => row.childElementCount > 1);
  await opened.waitForFunction(isIdle, null, { timeout: 300_000 });
}

/** Pastes a text into the editor, over what is there. */
export async function configure(opened, text) {
  await opened.focus(".cm-content");
  await opened.keyboard.press("Control+A");
  await opened.evaluate((text) => navigator.clipboard.writeText(text), text);
  await opened.keyboard.press("Control+V");
  await idle(opened);
}

/** Opens a file: a path, or a name and its bytes. */
export async function openFile(opened, file) {
  await opened.setInputFiles("#file", file);
  await idle(opened);
}

/** What a download holds. */
export async function downloaded(opened, what) {
  const [download] = await Promise.all([opened.waitForEvent("download"), opened.selectOption("#download", what)]);
  return readFileSync(await download.path());
}

/** What a part of the page says. */
export const text = (opened, selector) => opened.locator(selector).innerText();

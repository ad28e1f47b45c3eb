// The page that `firelens-kit playground` serves: `node served.mjs URL PAGE FILE`.
import { deepStrictEqual as equal, ok } from "node:assert";
import { readFileSync } from "node:fs";
import { chromium, configure, idle, text } from "./browser.mjs";

const [url, , file] = process.argv.slice(2);
const CHANGED = '[[container]]\nname = "web"\nstdout = "common"\n';

const browser = await chromium();
try {
  const page = await browser.newPage();
  const asked = [];
  const faults = [];
  page.on("request", (request) => request.url().startsWith("blob:") || asked.push(`${request.method()} ${request.url()}`));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  await page.goto(url);
  await page.waitForSelector("html[data-ready]", { timeout: 120_000 });
  await idle(page);
  ok((await text(page, ".cm-content")).includes("combined"), "the file is open");

  // Another site, in the same browser, that learned the URL.
  const before = readFileSync(file, "utf8");
  const other = await browser.newPage();
  await other.goto("data:text/html,<title>evil</title>");
  for (const options of [{}, { method: "PUT", body: "x" }, { method: "POST", body: "x", mode: "no-cors" }]) {
    const got = await other.evaluate(
      ([url, options]) => fetch(`${url}file`, options).then((answer) => answer.text(), () => "refused"),
      [url, options],
    );
    ok(got === "refused" || got === "", got);
  }
  await other.setContent(`<form method="post" enctype="text/plain" action="${url}file"><input name="x"></form>`);
  const [answer] = await Promise.all([
    other.waitForResponse(() => true),
    other.evaluate(() => document.querySelector("form").submit()),
  ]);
  equal(answer.status(), 403);
  equal(readFileSync(file, "utf8"), before);

  await configure(page, CHANGED);
  await page.click("#save");
  await page.waitForFunction(() => document.getElementById("save").textContent === "Saved");
  equal(asked, [`GET ${url}`, `GET ${url}file`, `PUT ${url}file`]);
  equal(faults, []);
} finally {
  await browser.close();
}

// Builds the page: `node build.mjs ENGINE.wasm FOLDER` writes playground.html, and served.html.gz for the command line.
// Everything is inside of the one file: the engine packed, and the worker as text that becomes a Blob.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [engine, folder] = process.argv.slice(2);
const options = {
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  // Licences stand at the page's end, once: see `licences`.
  legalComments: "none",
  metafile: true,
  write: false,
  // The engine would look for its own file there, and there is none.
  define: { "import.meta.url": '""' },
};
const bundle = async (entry, define = {}) => {
  const built = await build({ ...options, entryPoints: [entry], define: { ...options.define, ...define } });
  Object.keys(built.metafile.inputs).forEach((input) => inputs.add(input));
  return built.outputFiles[0].text;
};
const inputs = new Set();

/** The licences of what others wrote and the page holds, as a comment. */
function licences() {
  const found = [...inputs].map((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]);
  const packages = [...new Set(found)].filter((name) => name !== undefined).sort();
  const texts = packages.map((name) => {
    const folder = join("node_modules", name);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    if (!file) {
      throw new Error(`${name} has no licence in its package`);
    }
    return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}`;
  });
  return `<!--\n${texts.join("\n\n\n").replaceAll("-->", "-- >")}\n-->`;
}
const hash = (text) => createHash("sha256").update(text).digest("base64");
// A script ends at the first `</script`, wherever it stands.
const inline = (text) => text.replaceAll("</script", "<\\/script");

const css = readFileSync("style.css", "utf8");
// Styles that the editor makes itself carry it too. It is the same for all that load this file: there is no server that could
// make another one, and nothing in the page is written by others.
const nonce = hash(css).slice(0, 16).replace(/\W/g, "x");
const worker = await bundle("src/worker.ts");
const js = inline(await bundle("src/main.ts", { WORKER: JSON.stringify(worker), NONCE: JSON.stringify(nonce) }));
const packed = gzipSync(readFileSync(engine), { level: 9 }).toString("base64");
const parts = {
  SCRIPT: `'sha256-${hash(js)}'`,
  STYLE: `'nonce-${nonce}'`,
  CSS: `<style nonce="${nonce}">${css}</style>`,
  ENGINE: `<script type="application/octet-stream" id="engine">${packed}</script>`,
  JS: `<script>${js}</script>`,
  LICENCES: licences(),
};
const page = readFileSync("index.html", "utf8").replace(/%([A-Z]+)%/g, (_, part) => parts[part]);
writeFileSync(join(folder, "playground.html"), page);
// Served by the command line, the page may ask that server, and only that, for the file that was opened.
const served = page
  .replace("connect-src 'none'", "connect-src 'self'")
  .replace('<html lang="en">', '<html lang="en" data-served="yes">');
writeFileSync(join(folder, "served.html.gz"), gzipSync(served, { level: 9 }));

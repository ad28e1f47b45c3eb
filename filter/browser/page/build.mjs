// Builds the page: `node build.mjs ENGINE.wasm OUT.html`. Everything is inside of the one file: the engine packed, and the
// worker as text that becomes a Blob.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const [engine, out] = process.argv.slice(2);
const options = {
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  // Licences are named in the page once, not in each bundle.
  legalComments: "none",
  write: false,
  // The engine would look for its own file there, and there is none.
  define: { "import.meta.url": '""' },
};
const bundle = async (entry, define = {}) => {
  const built = await build({ ...options, entryPoints: [entry], define: { ...options.define, ...define } });
  return built.outputFiles[0].text;
};
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
};
const page = readFileSync("index.html", "utf8").replace(/%([A-Z]+)%/g, (_, part) => parts[part]);
writeFileSync(out, page);

// Bundles the site's and the workspace's scripts and the library's style sheets into the static folders. Prints sizes.
import { build } from "esbuild";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const site = join(here, "../../platform/amend/static/amend/build");
const workspace = join(here, "../static/annotations/build");
const FIRST_LOAD_BUDGET = 150_000;

const shared = { absWorkingDir: here, bundle: true, minify: true, target: "es2022", legalComments: "none", logLevel: "warning" };
const modules = { ...shared, format: "esm", splitting: true, metafile: true, chunkNames: "[name]-[hash]" };

for (const folder of [site, workspace]) rmSync(folder, { recursive: true, force: true });
await build({ ...shared, format: "iife", entryPoints: ["src/theme.ts"], outdir: site });
await build({ ...shared, entryPoints: ["src/webawesome.css"], outdir: site });
const results = {
  site: await build({ ...modules, entryPoints: ["src/site.ts"], outdir: site }),
  workspace: await build({ ...modules, entryPoints: ["src/workspace.ts", "src/compare_page.ts", "src/history_page.ts", "src/search_worker.ts"], outdir: workspace }),
};

for (const folder of [site, workspace])
  for (const name of readdirSync(folder).sort()) console.log(`${size(join(folder, name)).padStart(9)}  ${name}`);
for (const [name, result] of Object.entries(results)) {
  const bytes = [...firstLoad(result.metafile, `src/${name}.ts`)].reduce((sum, file) => sum + gzipped(join(here, file)), 0);
  console.log(`${(bytes / 1000).toFixed(1).padStart(6)} kB  gzip, all that ${name}.js loads at first`);
  if (name === "workspace" && bytes > FIRST_LOAD_BUDGET) throw new Error(`The workspace is over its budget of ${FIRST_LOAD_BUDGET / 1000} kB.`);
}

/** The entry's output and every chunk it imports statically. */
function firstLoad({ outputs }, entry) {
  const seen = new Set();
  const visit = (file) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { path, kind } of outputs[file].imports) if (kind === "import-statement" && outputs[path]) visit(path);
  };
  visit(Object.keys(outputs).find((file) => outputs[file].entryPoint === entry));
  return seen;
}

function gzipped(file) {
  return gzipSync(readFileSync(file), { level: 9 }).length;
}

function size(file) {
  return `${(gzipped(file) / 1000).toFixed(1)} kB`;
}

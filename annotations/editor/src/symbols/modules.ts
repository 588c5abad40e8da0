/** From what an import says to the file it means. */

const SCRIPTS = ["", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", "/index.ts", "/index.js", "/index.mjs", "/index.cjs"];

/** The file of a module imported in `from`; null for a library. `dotted` for Python. */
export function fileOf(module: string, from: string, paths: ReadonlySet<string>, dotted: boolean): string | null {
  return dotted ? pythonFile(module, from, paths) : scriptFile(module, from, paths);
}

function pythonFile(module: string, from: string, paths: ReadonlySet<string>): string | null {
  const level = /^\.*/.exec(module)![0].length;
  const steps = module.slice(level).split(".").filter(Boolean);
  const here = from.split("/").slice(0, -1);
  if (level) return firstOf([...here.slice(0, here.length - level + 1), ...steps], paths);
  // Absolute: from the root of the project, else from a folder above the importing file (src/, backend/).
  for (let depth = 0; depth <= here.length; depth++) {
    const found = firstOf([...here.slice(0, depth), ...steps], paths);
    if (found) return found;
  }
  return null;
}

function firstOf(steps: string[], paths: ReadonlySet<string>): string | null {
  const path = steps.join("/");
  for (const file of [`${path}.py`, path ? `${path}/__init__.py` : "__init__.py", `${path}.pyi`]) if (paths.has(file)) return file;
  return null;
}

function scriptFile(module: string, from: string, paths: ReadonlySet<string>): string | null {
  const bases = module.startsWith(".") ? [joined(from, module)] : module.startsWith("@/") || module.startsWith("~/") ? [module.slice(2), `src/${module.slice(2)}`] : [module, `src/${module}`];
  for (const base of bases) {
    if (base === null) continue;
    for (const ending of SCRIPTS) if (paths.has(base + ending)) return base + ending;
    // TypeScript is imported under the name of what it becomes.
    const typed = base.replace(/\.([cm]?)jsx?$/, ".$1ts");
    if (typed !== base && paths.has(typed)) return typed;
  }
  return null;
}

function joined(from: string, module: string): string | null {
  const steps = from.split("/").slice(0, -1);
  for (const step of module.split("/")) {
    if (step === "..") {
      if (!steps.length) return null;
      steps.pop();
    } else if (step !== "." && step !== "") steps.push(step);
  }
  return steps.join("/");
}

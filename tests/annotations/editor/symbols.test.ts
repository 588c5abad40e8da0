import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parserFor } from "../../../annotations/editor/src/languages";
import { toDocument } from "../../../annotations/editor/src/files";
import { fileOf } from "../../../annotations/editor/src/symbols/modules";
import { type Place, ProjectSymbols } from "../../../annotations/editor/src/symbols/project";

function project(files: Record<string, string>): ProjectSymbols {
  const docs = new Map(Object.entries(files).map(([path, text]) => [path, toDocument(text)]));
  return new ProjectSymbols({ paths: () => [...docs.keys()], doc: (path) => docs.get(path) ?? null }, parserFor);
}

/** The places as "path:line name", in order. */
function said(files: Record<string, string>, places: Place[]): string[] {
  return places.map(({ path, from, name }) => `${path}:${files[path]!.slice(0, from).split("\n").length} ${name}`).sort();
}

/** The offset of the n-th occurrence of some text. */
function at(text: string, what: string, occurrence = 1): number {
  let found = -1;
  for (let i = 0; i < occurrence; i++) found = text.indexOf(what, found + 1);
  assert.ok(found >= 0, what);
  return found;
}

const PYTHON = {
  "app/__init__.py": "",
  "app/models.py": "class Base:\n    def save(self): ...\n\nclass Article(Base):\n    title: str = ''\n    def rename(self, title):\n        self.title = title\n",
  "app/repositories/articles.py": "from app.models import Article\n\nclass ArticleRepository:\n    def find(self, slug: str) -> Article:\n        return Article()\n",
  "app/services/articles.py": `from app.repositories.articles import ArticleRepository
from app import models
from ..models import *
import app.models as m

class ArticleService:
    def __init__(self, articles: ArticleRepository):
        self.articles = articles
        self.count = 0

    def get(self, slug):
        slug = slug.strip()
        found = self.articles.find(slug)
        article = Article()
        article.rename("x")
        article.save()
        return [slug for slug in found]

    def other(self, slug):
        return self.get(slug) or models.Article() or m.Base
`,
};
const SERVICE = PYTHON["app/services/articles.py"];

test("an imported name leads to the class in its file", async () => {
  const symbols = project(PYTHON);
  const path = "app/services/articles.py";
  assert.deepEqual(said(PYTHON, await symbols.definitions(path, at(SERVICE, "ArticleRepository"))), ["app/repositories/articles.py:3 ArticleRepository"]);
  assert.deepEqual(said(PYTHON, await symbols.definitions(path, at(SERVICE, "ArticleRepository", 2))), ["app/repositories/articles.py:3 ArticleRepository"]);
  assert.deepEqual(said(PYTHON, await symbols.definitions(path, at(SERVICE, "Article()"))), ["app/models.py:4 Article"], "through a star");
  assert.deepEqual(said(PYTHON, await symbols.definitions(path, at(SERVICE, "Article()", 2))), ["app/models.py:4 Article"], "through a module");
  assert.deepEqual(said(PYTHON, await symbols.definitions(path, at(SERVICE, "Base"))), ["app/models.py:1 Base"], "through a renamed module");
});

test("a member leads to the class of an annotated parameter, of a constructor call, and of a base", async () => {
  const symbols = project(PYTHON);
  const path = "app/services/articles.py";
  assert.deepEqual(said(PYTHON, await symbols.definitions(path, at(SERVICE, "find(slug"))), ["app/repositories/articles.py:4 find"]);
  assert.deepEqual(said(PYTHON, await symbols.definitions(path, at(SERVICE, "rename("))), ["app/models.py:6 rename"]);
  assert.deepEqual(said(PYTHON, await symbols.definitions(path, at(SERVICE, "save("))), ["app/models.py:2 save"]);
  assert.deepEqual(said(PYTHON, await symbols.definitions(path, at(SERVICE, "get(slug) or"))), ["app/services/articles.py:11 get"]);
});

test("references of a local name stay in its function", async () => {
  const symbols = project(PYTHON);
  const path = "app/services/articles.py";
  const lines = said(PYTHON, await symbols.references(path, at(SERVICE, "slug)", 3)));
  assert.ok(lines.every((line) => line.startsWith("app/services/articles.py:")));
  const parameter = said(PYTHON, await symbols.references(path, at(SERVICE, "slug", 6)));
  assert.ok(!parameter.some((line) => line.includes(":19 ") || line.includes(":20 ")), String(parameter));
});

test("references of a class are in every file that knows it", async () => {
  const symbols = project(PYTHON);
  const places = said(PYTHON, await symbols.references("app/models.py", at(PYTHON["app/models.py"], "Article(Base)")));
  assert.deepEqual(places, ["app/models.py:4 Article", "app/repositories/articles.py:1 Article", "app/repositories/articles.py:4 Article", "app/repositories/articles.py:5 Article", "app/services/articles.py:14 Article", "app/services/articles.py:20 Article"]);
});

const SCRIPT = {
  "src/db.js": "const { Pool } = require('pg');\nfunction query(text) { return text; }\nclass Store { constructor() { this.rows = []; } find(id) { return this.rows; } }\nmodule.exports = { query, Store };\n",
  "src/users.ts": "import { query as ask, Store } from './db.js';\nexport default class Users {\n  private store: Store;\n  constructor(store: Store) { this.store = store; }\n  async byId(id: string) { const rows = ask(id); return this.store.find(id); }\n}\nexport const helper = (id: string) => id;\n",
  "src/index.js": "import Users, { helper } from './users';\nimport * as db from './db';\nconst users = new Users(new db.Store());\nusers.byId(helper('1'));\nfor (const id of []) { users.byId(id); }\n",
};

test("JavaScript and TypeScript: require, import, export, classes, typed members", async () => {
  const symbols = project(SCRIPT);
  const where = async (path: keyof typeof SCRIPT, what: string, n = 1): Promise<string[]> => said(SCRIPT, await symbols.definitions(path, at(SCRIPT[path], what, n)));
  assert.deepEqual(await where("src/users.ts", "ask(id)"), ["src/db.js:2 query"]);
  assert.deepEqual(await where("src/users.ts", "Store)"), ["src/db.js:3 Store"]);
  assert.deepEqual(await where("src/users.ts", "find(id)"), ["src/db.js:3 find"]);
  assert.deepEqual(await where("src/index.js", "Users("), ["src/users.ts:2 Users"]);
  assert.deepEqual(await where("src/index.js", "byId"), ["src/users.ts:5 byId"]);
  assert.deepEqual(await where("src/index.js", "helper('1')"), ["src/users.ts:7 helper"]);
  assert.deepEqual(await where("src/index.js", "Store()"), ["src/db.js:3 Store"]);
  assert.deepEqual(await where("src/index.js", "id)"), ["src/index.js:5 id"]);
});

test("what can be written: members of the class behind the dot, else what is in sight", async () => {
  const symbols = project(PYTHON);
  const names = async (marker: string): Promise<string[]> => (await symbols.completions("app/services/articles.py", at(SERVICE, marker) + marker.length)).map(({ name }) => name);
  assert.deepEqual(await names("self.articles."), ["find"]);
  assert.deepEqual((await names("return self.")).sort(), ["__init__", "articles", "count", "get", "other"]);
  const plain = await names("        return [");
  assert.ok(plain.includes("article") && plain.includes("ArticleService") && plain.includes("Article"));
  assert.ok(!plain.includes("rename"));
});

test("imports find their file, or none", () => {
  const paths = new Set(["a/b.py", "a/__init__.py", "src/x/index.ts", "src/y.ts", "backend/core/db.py", "backend/main.py"]);
  assert.equal(fileOf("a.b", "z.py", paths, true), "a/b.py");
  assert.equal(fileOf(".b", "a/c.py", paths, true), "a/b.py");
  assert.equal(fileOf(".", "a/c.py", paths, true), "a/__init__.py");
  assert.equal(fileOf("core.db", "backend/main.py", paths, true), "backend/core/db.py");
  assert.equal(fileOf("flask", "z.py", paths, true), null);
  assert.equal(fileOf("./x", "src/y.ts", paths, false), "src/x/index.ts");
  assert.equal(fileOf("../../..", "src/y.ts", paths, false), null);
  assert.equal(fileOf("./y.js", "src/z.ts", paths, false), "src/y.ts");
});

test("hostile text neither throws nor hangs", async () => {
  const nested = "(".repeat(50_000) + ")".repeat(50_000);
  const files = {
    "deep.py": nested,
    "deep.js": nested,
    "loop.py": "from loop import loop\nclass A(B): pass\nclass B(A):\n    def f(self):\n        self.x\nx = y\ny = x\nx.z\n",
    "loop.js": "export * from './loop.js';\nimport q from './loop.js';\nq.r();\nclass C extends C { m() { this.n; } }\n",
    "broken.py": "def (\nclass :\n  import\nfrom . import\n\ud83d = 1",
  };
  const symbols = project(files);
  const started = performance.now();
  for (const [path, text] of Object.entries(files).slice(2)) for (let position = 0; position < text.length; position += 2) await symbols.definitions(path, position);
  await symbols.references("loop.py", at(files["loop.py"], "z"));
  assert.ok(performance.now() - started < 5000);
});

test("every name of the demo's backends is looked up, most of the imported ones in the project are found", async () => {
  const demo = join(process.cwd(), "../../platform/studies/demo/backends");
  for (const backend of ["uv-fastapi-openapi-clean_architecture-sqlite-sqlalchemy-2021"]) {
    const files: Record<string, string> = {};
    const walk = (folder: string, prefix: string): void => {
      for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        if (statSync(path).isDirectory()) walk(path, `${prefix}${name}/`);
        else if (/\.(py|js|ts)$/.test(name)) files[prefix + name] = readFileSync(path, "utf8");
      }
    };
    walk(join(demo, backend), "");
    const symbols = project(files);
    const started = performance.now();
    await symbols.all();
    const read = performance.now() - started;
    const lines = Object.values(files).reduce((sum, text) => sum + text.split("\n").length, 0);
    console.log(`${backend}: ${Object.keys(files).length} files, ${lines} lines read in ${read.toFixed(0)} ms`);
    const lost: string[] = [];
    for (const [path, text] of Object.entries(files)) {
      for (const match of text.matchAll(/^from (app[\w.]*) import (\w+)/gm)) {
        const places = await symbols.definitions(path, match.index + match[0].length - match[2]!.length);
        if (!places.some((place) => place.path !== path)) lost.push(`${path}: ${match[0]}`);
      }
    }
    assert.deepEqual(lost, []);
  }
});

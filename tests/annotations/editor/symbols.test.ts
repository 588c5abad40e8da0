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

const CHAINS = {
  "app/models.py": "class Article:\n    id: int\n    slug: str\n\nclass User:\n    @property\n    def first(self) -> 'Article | None': ...\n",
  "app/container.py": "from app.models import Article, User\n\nclass Articles:\n    def find(self, slug: str) -> Article | None: ...\n    def get(self, slug): return self.find(slug)\n\nclass Container:\n    def __init__(self):\n        self.articles = Articles()\n        self.user: User | None = None\n\ndef container() -> Container: ...\n",
  "app/views.py": `from app.container import container
from app.models import Article
from flask import request
import app.container
from app.models import User
Viewer = Annotated[User, Depends(view)]

def view(unknown):
    found = container().articles.get("x")
    print(found.slug, container().user.first.slug)
    request.args.find("x"); "text".find("x"); unknown.find("x"); dict().slug
    viewer: Viewer = unknown; viewer.first
    made = Article(id=1, slug="s")
    container().articles.find(slug="x")
    any(item for item in [1]); item = 2
    return made.id
`,
};
const VIEW = CHAINS["app/views.py"];

test("Python: what calls give, members of members, names of arguments, parts of imports", async () => {
  const symbols = project(CHAINS);
  const where = async (what: string, n = 1): Promise<string[]> => said(CHAINS, await symbols.definitions("app/views.py", at(VIEW, what, n)));
  assert.deepEqual(await where("articles.get"), ["app/container.py:9 articles"]);
  assert.deepEqual(await where("get("), ["app/container.py:5 get"]);
  assert.deepEqual(await where("slug, container"), ["app/models.py:3 slug"], "through an unannotated return");
  assert.deepEqual(await where("slug)"), ["app/models.py:3 slug"], "through a property");
  assert.deepEqual(await where("first\n"), ["app/models.py:7 first"], "through an alias of a type");
  assert.deepEqual(await where("id=1"), ["app/models.py:2 id"]);
  assert.deepEqual(await where("slug=\"x\""), ["app/container.py:4 slug"]);
  assert.deepEqual(await where("container import"), ["app/container.py:1 app/container.py"]);
  assert.deepEqual(await where("item in"), ["app/views.py:15 item"]);
  assert.deepEqual((await symbols.references("app/views.py", at(VIEW, "item = 2"))).length, 1, "a generator's names are its own");
});

test("what is a library's or the language's leads nowhere; what is not known is guessed, and said to be", async () => {
  const symbols = project(CHAINS);
  const guesses = async (what: string, n = 1): Promise<boolean[]> => (await symbols.definitions("app/views.py", at(VIEW, what, n))).map(({ guessed }) => guessed);
  assert.deepEqual(await guesses("args"), []);
  assert.deepEqual(await guesses("slug\n"), [], "a dict has no slug");
  const files = { ...CHAINS, "app/views.py": VIEW.replaceAll("find(", "publish("), "app/container.py": CHAINS["app/container.py"].replaceAll("find(", "publish(") };
  const other = project(files);
  const publish = async (n: number): Promise<boolean[]> => (await other.definitions("app/views.py", at(files["app/views.py"], "publish(", n))).map(({ guessed }) => guessed);
  assert.deepEqual(await Promise.all([1, 2, 3, 4].map(publish)), [[], [], [true], [false]]);
  const uses = await other.references("app/container.py", at(files["app/container.py"], "publish("));
  assert.deepEqual(uses.map(({ path, guessed }) => `${path} ${guessed}`), ["app/container.py false", "app/container.py false", "app/views.py false", "app/views.py true"], "guesses come last");
  const names = async (marker: string): Promise<string[]> => (await symbols.completions("app/views.py", at(VIEW, marker) + marker.length)).map(({ name }) => name);
  assert.deepEqual(await names("request."), [], "the project's names are none of a library's");
  assert.deepEqual(await names("container().user."), ["first"]);
});

const WIRED = {
  "src/errors.js": "class NotFound extends Error { constructor(text) { super(text); this.code = 404; } }\nmodule.exports = { NotFound };\n",
  "src/store.js": "const { NotFound } = require('./errors');\nclass Store {\n  #rows = new Map();\n  get size() { return this.#rows.size; }\n  find(id) { return this.#rows.get(id) ?? new NotFound(id); }\n}\nmodule.exports = new Store();\n",
  "src/types.ts": "export interface Article { title: string }\nexport type Services = { articles: Articles };\nexport class Articles { constructor(private readonly store: { x: number }, readonly owner: Promise<Article | null>) {} async byId(id: number): Promise<Article> { return this.owner as any; } }\n",
  "src/container.ts": "import { Articles } from './types';\nexport function make() { const articles = new Articles(); return { articles, named: articles }; }\nexport const tools = { shout(text) { return text; }, quiet: (text) => text };\n",
  "src/main.ts": "import { make, tools } from './container';\nimport type { Services } from './types';\nconst store = require('./store');\nconst { articles, named: other } = make();\nasync function run({ articles: mine }: Services) {\n  const one = await make().articles.byId(1);\n  one.title; (await mine.byId(2)).title; (await other.byId(3)).title; (await articles.owner).title;\n  tools.shout('x'); tools.quiet('y'); store.find(1); new Map<string, string>().find;\n  const draft: Partial<Services> = {}; draft.articles = mine; CODES.gone;\n}\nconst CODES = Object.freeze({ gone: 410 });\n",
};

test("JavaScript and TypeScript: containers of services, fields by parameters, private members, what functions return", async () => {
  const symbols = project(WIRED);
  const where = async (path: keyof typeof WIRED, what: string, n = 1): Promise<string[]> => said(WIRED, await symbols.definitions(path, at(WIRED[path], what, n)));
  for (const n of [1, 2, 3]) assert.deepEqual(await where("src/main.ts", "byId(", n), ["src/types.ts:3 byId"], String(n));
  for (const n of [1, 2, 3, 4]) assert.deepEqual(await where("src/main.ts", "title", n), ["src/types.ts:1 title"], String(n));
  assert.deepEqual(await where("src/main.ts", "shout"), ["src/container.ts:3 shout"]);
  assert.deepEqual(await where("src/main.ts", "quiet"), ["src/container.ts:3 quiet"]);
  assert.deepEqual(await where("src/main.ts", "find(1)"), ["src/store.js:5 find"], "of what a module exports");
  assert.deepEqual(await where("src/main.ts", "articles = mine"), ["src/types.ts:2 articles"], "the type that is written");
  assert.deepEqual(await where("src/main.ts", "gone;"), ["src/main.ts:11 gone"]);
  assert.deepEqual(await where("src/main.ts", "find;"), [], "a Map's");
  assert.deepEqual(await where("src/store.js", "#rows", 2), ["src/store.js:3 #rows"]);
  assert.deepEqual(await where("src/store.js", "NotFound }"), ["src/errors.js:1 NotFound"], "behind what is exported in short");
  assert.deepEqual(await where("src/types.ts", "owner as"), ["src/types.ts:3 owner"]);
});

test("what a module exports without a name stands where it is exported", async () => {
  const files = {
    "wrap.js": "// says why\nmodule.exports = (fn) => (req) => fn(req);\n",
    "make.js": "'use strict';\nmodule.exports = function () { return new Made(); };\nclass Made { run() {} }\n",
    "main.mjs": "import wrap from './wrap.js';\nimport make from './make.js';\nwrap(1); make().run();\n",
  };
  const symbols = project(files);
  const where = async (what: string, n = 1): Promise<string[]> => said(files, await symbols.definitions("main.mjs", at(files["main.mjs"], what, n)));
  assert.deepEqual(await where("wrap("), ["wrap.js:2 default"]);
  assert.deepEqual(await where("make()"), ["make.js:2 default"]);
  assert.deepEqual(await where("run("), ["make.js:3 run"]);
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

test("classes with many bases and modules that import everything of each other are given up in time", async () => {
  const bases = Array.from({ length: 1500 }, (_, i) => `class C${i}(${i ? `C${i - 1}, C${Math.floor(i / 2)}` : "object"}):\n    def run(self): return self.run().run\n`).join("") + "C1499().run().run()\n";
  const stars = Array.from({ length: 60 }, (_, i) => `from m${i} import *`).join("\n") + "\nx.x\nx\n";
  const files = { "bases.py": bases, ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`m${i}.py`, stars])) };
  const docs = new Map(Object.entries(files).map(([path, text]) => [path, toDocument(text)]));
  const symbols = new ProjectSymbols({ paths: () => [...docs.keys()], doc: (path) => docs.get(path) ?? null }, parserFor, undefined, 60_000);
  await symbols.all();
  const started = performance.now();
  await symbols.definitions("m59.py", stars.length - 2);
  await symbols.definitions("bases.py", bases.length - 4);
  assert.ok((await symbols.references("bases.py", bases.length - 4)).length, "what was found in time is told");
  assert.ok(performance.now() - started < 15_000);
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

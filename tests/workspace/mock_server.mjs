/**
 * The protocol of docs/workspace-protocol.md in memory, for trying the workspace without the site, with faults on request.
 *
 *   node mock_server.mjs <page.html> <panel.html> <files.json> [port]
 *
 * `files.json` maps paths to {text, line_separator} or {base64}. Faults: POST /mock/faults with any of
 *   drop: n         cut the next n event requests before they are read
 *   lose_answer: n  store the next n batches, then cut the connection (the page must send them again)
 *   delay: ms       answer events later
 *   refuse: {status, body, times}   answer events so, `times` times
 *   close: true / holder: "…"       close the session, or give it to another page
 * GET /mock/log, /mock/files, /mock/requests show what the server holds.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const require = createRequire(join(root, "annotations/editor/package.json"));
const { ChangeSet, Text } = require("@codemirror/state");

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html" };
const STATIC = [["/static/amend/", "platform/amend/static/amend/"], ["/static/annotations/", "annotations/static/annotations/"]];
const [pageFile, panelFile, filesFile, port = "8740"] = process.argv.slice(2);

const generated = new Map(Object.entries(JSON.parse(readFileSync(filesFile, "utf8"))));
const files = new Map([...generated].map(([path, { text, line_separator, base64 }]) => [
  path,
  text === undefined ? { bytes: Buffer.from(base64, "base64") } : { doc: Text.of(text.split("\n")), line_separator: line_separator ?? "\n" },
]));
const session = { token: 0, client: "", log: [], closed: false, requests: [], run: null, runs: 7, streams: new Set(), leaseAt: null };
let faults = {};

function apply(event) {
  const { path } = event;
  switch (event.kind) {
    case "file.created": files.set(path, { doc: Text.of(event.text.split("\n")), line_separator: event.line_separator ?? "\n", fresh: !generated.has(path) }); break;
    case "file.deleted": files.delete(path); break;
    case "file.renamed": files.set(event.to, { ...files.get(path), fresh: !generated.has(event.to) }); files.delete(path); break;
    case "edit": { const file = files.get(path); file.doc = ChangeSet.fromJSON(event.changes).apply(file.doc); break; }
  }
}

function digest() {
  const whole = createHash("sha256");
  for (const path of [...files.keys()].sort()) {
    const { doc, bytes } = files.get(path);
    whole.update(Buffer.from(path, "utf16le")).update(Buffer.alloc(2));
    whole.update(createHash("sha256").update(doc ? Buffer.from(doc.toString(), "utf16le") : bytes).digest());
  }
  return whole.digest("hex");
}

function state() {
  return {
    session: 12, token: session.token, client: session.client, accepted: session.log.length, digest: digest(),
    files: [...files].map(([path, { doc, bytes, line_separator, fresh }]) => {
      if (bytes) return { path, text: null, content_sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
      const text = doc.toString();
      const original = fresh ? undefined : generated.get(path)?.text;
      const changed = text !== original;
      return { path, text, line_separator, generated: !fresh, changed, ...(changed && original !== undefined ? { original } : {}) };
    }),
    deleted: [...generated.keys()].filter((path) => !files.has(path)),
    closed: session.closed, server_time: new Date().toISOString(), idle_limit_seconds: Number(process.env.IDLE ?? 120), active_seconds: 1122,
    time_limit_seconds: 3600, last_run: { id: 7, state: "finished", purpose: "baseline" },
  };
}

function events(batch) {
  if (session.closed) return [409, { error: "closed", sentence: "This session has been closed.", accepted: session.log.length }];
  for (const event of batch.events) {
    const stored = session.log[event.seq - 1];
    if (stored && JSON.stringify(stored) !== JSON.stringify(event)) return [409, { error: "broken", sentence: `Entry ${event.seq} was stored before with another content.` }];
  }
  if (batch.first + batch.events.length - 1 <= session.log.length) return [200, { accepted: session.log.length }];
  if (batch.client !== session.client || batch.token !== session.token) return [409, { error: "fenced", sentence: "Another page has taken this session up." }];
  if (batch.first > session.log.length + 1) return [409, { error: "gap", accepted: session.log.length }];
  for (const event of batch.events.slice(session.log.length + 1 - batch.first)) {
    try {
      apply(event);
    } catch (error) {
      return [409, { error: "broken", sentence: String(error) }];
    }
    session.log.push(event);
  }
  return [200, { accepted: session.log.length }];
}

function checks(body, purpose) {
  if (body.through > session.log.length) return [409, { error: "gap", accepted: session.log.length }];
  if (session.run?.state === "running") return [409, { error: "running", sentence: "The last run is still going on." }];
  const run = ++session.runs;
  session.run = { run, state: "running", stage: "contract", done: 0, total: 214, passed: 0, failed: 0, sentence: "Asking the contract's questions" };
  const tick = setInterval(() => {
    const step = Math.min(30, 214 - session.run.done);
    session.run.done += step;
    session.run.failed = Math.floor(session.run.done / 25);
    session.run.passed = session.run.done - session.run.failed;
    if (session.run.done < 214) return tell("run", session.run);
    clearInterval(tick);
    session.run.state = "finished";
    tell("run-ended", { run, state: "finished" });
  }, Number(process.env.TICK ?? 150));
  tell("run", session.run);
  return [purpose ? 200 : 202, purpose ? { run, next: "/mock/closed" } : { run, digest_matches: body.digest === digest() }];
}

function tell(name, data) {
  for (const response of session.streams) response.write(`event: ${name}\ndata: ${JSON.stringify({ session: 12, ...data })}\n\n`);
}

function diff(path) {
  const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  const before = (generated.get(path)?.text ?? "").split("\n");
  const after = (files.get(path)?.doc?.toString() ?? "").split("\n");
  const rows = Array.from({ length: Math.max(before.length, after.length) }, (_, i) => {
    const same = before[i] === after[i];
    const cell = (line, sign, middle) => (line === undefined ? `<td class="n empty"></td><td class="empty${middle}"></td>` : `<td class="n ${same ? "" : sign}">${i + 1}</td><td class="${same ? "" : sign}${middle}">${escape(line)}</td>`);
    return `<tr${same || before[i - 1] !== after[i - 1] ? "" : ` data-hunk="${i}"`}>${cell(before[i], "del", "")}${cell(after[i], "add", " mid")}</tr>`;
  });
  return `<table class="diff hl"><colgroup><col width="46"><col><col width="46"><col></colgroup><tbody>${rows.join("")}</tbody></table>`;
}

http.createServer(async (request, response) => {
  const url = new URL(request.url, "http://mock");
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const send = (status, body, type = "application/json") => {
    response.writeHead(status, { "content-type": `${type}; charset=utf-8`, "content-security-policy": CSP, "cache-control": "no-store", "set-cookie": "csrftoken=mock; Path=/" });
    response.end(type === "application/json" ? JSON.stringify(body) : body);
  };
  const verb = url.pathname.replace(/^\/sessions\/(?:12\/)?/, "");
  if (verb !== url.pathname && verb) session.requests.push(verb);
  if (url.pathname === "/") return send(200, readFileSync(pageFile, "utf8"), "text/html");
  if (verb === "file") {
    const { text = "", line_separator = "\n" } = generated.get(url.searchParams.get("path")) ?? {};
    return send(200, text.replaceAll("\n", line_separator), "text/plain");
  }
  if (url.pathname === "/mock/faults") return (faults = { ...faults, ...JSON.parse(text) }), faults.close && (session.closed = true), faults.holder && ((session.client = faults.holder), session.token++, tell("fenced", { token: session.token })), send(200, {});
  if (url.pathname === "/mock/log") return send(200, session.log);
  if (url.pathname === "/mock/requests") return send(200, session.requests);
  if (url.pathname === "/mock/closed") return send(200, "<!doctype html><title>Closed</title><p>Closed", "text/html");
  if (url.pathname === "/mock/files") return send(200, { digest: digest(), files: Object.fromEntries([...files].map(([path, { doc }]) => [path, doc?.toString() ?? null])) });
  const folder = STATIC.find(([prefix]) => url.pathname.startsWith(prefix));
  if (folder) {
    const file = join(root, folder[1], normalize(url.pathname.slice(folder[0].length)));
    if (!existsSync(file) || statSync(file).isDirectory()) return send(404, {});
    return send(200, readFileSync(file), TYPES[extname(file)] ?? "text/plain");
  }
  if (faults.down && verb !== url.pathname) return response.destroy();
  if (request.method === "POST" && request.headers["x-csrftoken"] !== "mock" && !(verb === "events" && url.searchParams.has("beacon") && JSON.parse(text).csrf === "mock")) return send(403, {});
  switch (verb) {
    case "state": return faults.no_state ? send(503, {}) : send(200, state());
    case "lease": {
      const { client, take_over } = JSON.parse(text);
      if (session.client && session.client !== client && !take_over) return send(409, { error: "held", sentence: "Another page holds this session.", since: session.leaseAt });
      if (session.client !== client) (session.client = client), session.token++, tell("fenced", { token: session.token });
      session.leaseAt = new Date().toISOString();
      return send(200, { token: session.token, accepted: session.log.length });
    }
    case "events": {
      if (faults.drop > 0) return faults.drop--, response.destroy();
      if (faults.refuse?.times > 0) return faults.refuse.times--, send(faults.refuse.status, faults.refuse.body);
      const [status, body] = events(JSON.parse(text));
      if (faults.lose_answer > 0) return faults.lose_answer--, response.destroy();
      if (faults.delay) await new Promise((done) => setTimeout(done, faults.delay));
      return send(status, body);
    }
    case "checks": return send(...checks(JSON.parse(text)));
    case "close": { const answer = checks(JSON.parse(text), "final"); session.closed = answer[0] === 200; return send(...answer); }
    case "run-state": return send(200, session.run ?? { run: 7, state: "finished" });
    case "run-panel": return send(200, readFileSync(panelFile, "utf8").replaceAll("Run 7", `Run ${url.searchParams.get("run")}`), "text/html");
    case "diff": return send(200, diff(url.searchParams.get("path")), "text/html");
    case "stream":
      if (faults.no_stream) return send(404, {});
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(session.run?.state === "running" ? `event: run\ndata: ${JSON.stringify({ session: 12, ...session.run })}\n\n` : ": here\n\n");
      session.streams.add(response);
      return request.on("close", () => session.streams.delete(response)), response.on("close", () => session.streams.delete(response));
    default: return send(404, {});
  }
}).listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`));
